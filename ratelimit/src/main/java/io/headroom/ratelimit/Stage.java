package io.headroom.ratelimit;

import io.headroom.TimeSource;
import io.headroom.ratelimit.RedisBuckets.Found;
import io.headroom.redis.RedisCallException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A part of a decision that is all or nothing by itself. Thread-safe. */
interface Stage {

  /**
   * What came of it.
   *
   * @param found the buckets as they were, if it asked Redis itself
   * @param limits that they were debited by
   */
  record Told(Decision decision, List<Found> found, List<MicroLimit> limits) {}

  /**
   * Takes permits.
   *
   * @param untilNanos when nobody waits any more
   * @return what came of it; fails where Redis does not answer
   */
  CompletableFuture<Told> take(long permits, long untilNanos);

  /** Gives back what was taken, since a later stage has refused. */
  void giveBack(long permits, Told told);

  /**
   * From what this process has taken ahead. A lease that nobody used may have been ended since it
   * was found, so it is looked up each time.
   */
  record OfLease(Leases leases, String bucket, Presence presence, TimeSource time)
      implements Stage {

    @Override
    public CompletableFuture<Told> take(long permits, long untilNanos) {
      Lease lease = leases.find(bucket);
      long now = time.nanoTime();
      if (now - untilNanos > 0) { // he has gone, and takes nothing
        return RedisCallException.away();
      }
      Decision decision = lease.tryTake(permits, now, presence.processes());
      if (decision != null) {
        return CompletableFuture.completedFuture(new Told(decision, List.of(), List.of()));
      }
      return lease
          .ask(permits, presence.processes())
          .thenCompose(asked -> take(permits, untilNanos));
    }

    @Override
    public void giveBack(long permits, Told told) {
      leases.find(bucket).putBack(permits);
    }
  }

  /** From buckets in Redis, in one round trip. */
  record OfBuckets<R>(List<Bid<R>> bids, Lines lines, RedisBuckets buckets) implements Stage {

    @Override
    public CompletableFuture<Told> take(long permits, long untilNanos) {
      return lines.ask(bids, permits, untilNanos);
    }

    @Override
    public void giveBack(long permits, Told told) {
      for (int i = 0; i < bids.size(); i++) {
        long taken = told.found().get(i).atMicros();
        var unused = buckets.refund(bids.get(i).bucket(), told.limits().get(i), permits, taken);
      }
    }
  }
}
