package io.headroom.ratelimit;

import io.headroom.TimeSource;
import io.headroom.ratelimit.RedisBuckets.Found;
import io.headroom.ratelimit.RedisBuckets.Granted;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Permits of one bucket in Redis that this process has taken ahead, and gives out from memory.
 *
 * <p><b>The bound.</b> Permits are debited before they are given out, and a process holds at most B
 * of them (beside those that callers wait for, or have given back), with B a tenth of a second's
 * permits divided by the processes. So N of them admit, in any time, at most the burst, what flows
 * in meanwhile, and N·B; a process that dies takes at most B with it. Of one that comes, the others
 * know within a second, and hold what they did until then.
 *
 * <p><b>Near empty.</b> Redis gives no more than what it has left divided by the processes, so that
 * none of them empties the bucket for all. A process that got nothing does not ask again before a
 * permit has flowed in, and not more often than about a hundred times a second unless so short a
 * pause would let the bucket run over.
 *
 * <p>Thread-safe.
 */
final class Lease {

  /** A process holds what flows in during this time, divided by the processes. */
  private static final long AHEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** In the course of a pause at most this part of a bucket flows in. */
  private static final int PART_OF_BUCKET = 8;

  /** In hand, of one that is out of use; whatever is added to it. */
  private static final long DEAD = Long.MIN_VALUE / 2;

  private final String bucket;
  private final SharedPolicy<?> policy;
  private final RedisBuckets buckets;
  private final TimeSource time;
  private final AtomicLong hand = new AtomicLong();
  private final AtomicReference<@Nullable CompletableFuture<Void>> asking = new AtomicReference<>();

  /** Permits that callers wait for while Redis is asked for another's. */
  private final AtomicLong waiting = new AtomicLong();

  /** What Redis had left when it was last asked. */
  private volatile long left;

  private volatile @Nullable Refusal refusal;

  private volatile boolean used = true;

  /** Who asks for at least so many is refused until then, as long as this is the limit. */
  private record Refusal(MicroLimit limit, long permits, long untilNanos) {

    static boolean covers(@Nullable Refusal known, MicroLimit limit, long permits, long now) {
      return known != null
          && permits >= known.permits
          && now - known.untilNanos < 0
          && limit == known.limit;
    }

    /** Until so many may be there. */
    long nanosFor(long asked, long now) {
      Limit its = limit.policy.limit();
      return untilNanos - now + its.nanosFor(its.units(asked) - its.units(permits));
    }
  }

  Lease(String bucket, SharedPolicy<?> policy, RedisBuckets buckets, TimeSource time) {
    this.time = time;
    this.bucket = bucket;
    this.policy = policy;
    this.buckets = buckets;
  }

  /** As many permits as a process holds. */
  private static long most(Limit limit, int processes) {
    double inTime = (double) limit.permits() * AHEAD_NANOS / limit.period().toNanos() / processes;
    return Math.max(1, Math.min(limit.capacity(), (long) inTime));
  }

  /**
   * Gives permits out, if they are in hand, or refuses, if it is known that there are none.
   *
   * @return null if Redis is to be asked
   */
  @Nullable Decision tryTake(long permits, long now, int processes) {
    MicroLimit limit = policy.limit();
    if (!used) {
      used = true;
    }
    while (true) {
      long held = hand.get();
      if (held < permits) {
        Refusal known = refusal;
        return known != null && Refusal.covers(known, limit, permits, now)
            ? refused(limit, permits, known.nanosFor(permits, now))
            : null;
      }
      if (hand.compareAndSet(held, held - permits)) {
        if (held - permits <= most(limit.policy.limit(), processes) / 2) {
          refill(limit, now, processes);
        }
        return admitted(limit, permits, held - permits);
      }
    }
  }

  /** What is left is at least what is in hand and what Redis had. */
  private Decision admitted(MicroLimit limit, long permits, long held) {
    Limit its = limit.policy.limit();
    long remaining = Math.max(0, Math.min(its.capacity() - permits, held + left));
    long debt = its.fullUnits - remaining * its.unitsPerPermit;
    return Decision.ofMicros(limit.policy, permits, debt, 0);
  }

  private static Decision refused(MicroLimit limit, long permits, long nanos) {
    Limit its = limit.policy.limit();
    long debt = Math.max(0, its.fullUnits - its.units(permits)); // it would do, after that time
    return Decision.ofMicros(limit.policy, permits, ~debt, Math.max(1, nanos))
        .withLeastRemaining(0);
  }

  private void refill(MicroLimit limit, long now, int processes) {
    if (asking.get() == null && !Refusal.covers(refusal, limit, 1, now)) {
      var unused = ask(1, processes);
    }
  }

  /**
   * Takes permits ahead: as many as are missing at least and, if they are there, also what all wait
   * for who have come meanwhile.
   *
   * @param permits how many shall be in hand
   * @return done when it is worth trying again: with this one or, if it has ended, its successor
   */
  CompletableFuture<Void> ask(long permits, int processes) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    while (!asking.compareAndSet(null, answer)) {
      CompletableFuture<Void> others = asking.get();
      if (others != null) {
        waiting.addAndGet(permits);
        return others.whenComplete((done, failure) -> waiting.addAndGet(-permits));
      }
    }
    MicroLimit limit = policy.limit();
    long held = hand.get();
    if (held < 0) { // out of use: its successor asks
      asking.set(null);
      answer.complete(null);
      return answer;
    }
    Limit its = limit.policy.limit();
    long least = Math.max(1, permits - held);
    long wanted = Math.max(most(its, processes), waiting.get() + permits) - held;
    long most = Math.max(least, Math.min(its.capacity(), wanted));
    Wanted mine = new Wanted(limit, permits, least, most);
    try {
      var unused =
          buckets
              .lease(bucket, limit, least, most, processes)
              .whenComplete((granted, failure) -> asked(mine, granted, failure, answer));
    } catch (RuntimeException | Error unsent) {
      asked(mine, null, unsent, answer);
    }
    return answer;
  }

  /**
   * What Redis is asked for.
   *
   * @param permits how many shall be in hand
   * @param least how many are missing for that
   * @param most how many are of use
   */
  private record Wanted(MicroLimit limit, long permits, long least, long most) {}

  private void asked(
      Wanted wanted,
      @Nullable Granted granted,
      @Nullable Throwable failure,
      CompletableFuture<Void> answer) {
    Throwable why = failure;
    try {
      if (granted != null) {
        take(wanted, granted);
      }
    } catch (RuntimeException unexpected) { // whoever waits for it must not do so for ever
      why = unexpected;
    }
    asking.set(null);
    if (why == null) {
      answer.complete(null);
    } else {
      answer.completeExceptionally(why);
    }
  }

  private void take(Wanted wanted, Granted granted) {
    MicroLimit limit = wanted.limit;
    Found then = granted.then();
    left = (limit.full - then.debt()) / limit.cost;
    boolean some = granted.permits() > 0;
    if (some) {
      hand.addAndGet(granted.permits());
    }
    if (granted.permits() < wanted.most) { // all there was: who gets none of it need not ask again
      Decision no =
          limit.decision(then.debt(), false, some ? 1 : wanted.least, then.behindMicros());
      long until = time.nanoTime() + pause(limit.policy.limit(), no.retryAfterNanos());
      refusal = new Refusal(limit, some ? 1 : wanted.permits, until);
    }
    policy.found(then);
  }

  /** Not all at the same time. */
  private static long pause(Limit limit, long retryAfterNanos) {
    long longest = Math.min(LONGEST_PAUSE_NANOS, limit.nanosFor(limit.fullUnits) / PART_OF_BUCKET);
    return Math.max(
        retryAfterNanos, longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1));
  }

  /** Takes back what was given out and is of no use. */
  void putBack(long permits) {
    hand.addAndGet(permits);
  }

  /** Ends it unless somebody has asked since the last look; what is in hand is lost. */
  boolean endIfIdle() {
    if (used || asking.get() != null) {
      used = false;
      return false;
    }
    hand.getAndSet(DEAD);
    return true;
  }

  boolean isEnded() {
    return hand.get() < 0;
  }
}
