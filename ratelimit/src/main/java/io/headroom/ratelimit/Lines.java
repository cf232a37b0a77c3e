package io.headroom.ratelimit;

import io.headroom.TimeSource;
import io.headroom.ratelimit.RedisBuckets.Found;
import io.headroom.redis.RedisCallException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Callers who ask for the same buckets at the same time share a round trip: while one is under way,
 * those that come stand in line for the next. Each is decided for by itself, in the order in which
 * they came, by the sums that the script has done as well.
 *
 * <p>Thread-safe.
 */
final class Lines {

  /** In the place of the last who came, where nobody may come any more. */
  private static final Caller ENDED = new Caller(List.of(), 0, 0);

  /** So many, a script does in a fraction of a millisecond. */
  private static final int MOST_CALLERS = 500;

  private final RedisBuckets buckets;
  private final TimeSource time;
  private final ConcurrentMap<List<String>, Line> lines = new ConcurrentHashMap<>();

  Lines(RedisBuckets buckets, TimeSource time) {
    this.buckets = buckets;
    this.time = time;
  }

  /** A caller who waits; who has gone meanwhile takes nothing. */
  static final class Caller extends CompletableFuture<Stage.Told> {

    private final List<? extends Bid<?>> bids;
    private final List<MicroLimit> limits;
    private final long permits;
    private final long untilNanos;

    /** Who came before, in a line. */
    private @Nullable Caller before;

    private Caller(List<? extends Bid<?>> bids, long permits, long untilNanos) {
      this.bids = bids;
      this.limits = limits(bids);
      this.permits = permits;
      this.untilNanos = untilNanos;
    }

    private static List<MicroLimit> limits(List<? extends Bid<?>> bids) {
      return bids.size() == 1
          ? List.of(bids.get(0).policy().limit())
          : bids.stream().map(bid -> bid.policy().limit()).toList();
    }

    private boolean leave() {
      return completeExceptionally(RedisCallException.AWAY);
    }
  }

  /**
   * Asks for permits from all of some buckets, or from none.
   *
   * @param bids say which
   * @param permits how many; no bucket holds fewer
   * @param untilNanos when the caller has gone, and takes nothing any more
   * @return what comes of it; fails with a {@link RedisCallException}
   */
  CompletableFuture<Stage.Told> ask(List<? extends Bid<?>> bids, long permits, long untilNanos) {
    Caller caller = new Caller(bids, permits, untilNanos);
    List<String> names =
        bids.size() == 1
            ? List.of(bids.get(0).bucket())
            : bids.stream().map(bid -> bid.bucket()).toList();
    while (true) {
      Line line = lines.get(names);
      if (line == null) {
        Line mine = new Line(names);
        line = lines.putIfAbsent(names, mine);
        if (line == null) {
          mine.go(List.of(caller));
          return caller;
        }
      }
      if (line.join(caller)) {
        return caller;
      }
    }
  }

  /**
   * Those who want the same. Who comes pushes himself onto a stack; the answer to the call before,
   * of which there is one at a time, takes all of them off.
   */
  private final class Line {

    private final List<String> names;
    private final AtomicReference<@Nullable Caller> last = new AtomicReference<>();

    /** Those who came earlier than the stack, and did not fit in; by one call after the other. */
    private List<Caller> left = List.of();

    Line(List<String> names) {
      this.names = names;
    }

    /** False if it has just ended. */
    boolean join(Caller caller) {
      while (true) {
        Caller seen = last.get();
        if (seen == ENDED) {
          return false;
        }
        caller.before = seen;
        if (last.compareAndSet(seen, caller)) {
          return true;
        }
      }
    }

    void go(List<Caller> together) {
      long[] permits = new long[together.size()];
      for (int i = 0; i < permits.length; i++) {
        permits[i] = together.get(i).permits;
      }
      try {
        var unused =
            buckets
                .acquire(names, together.get(0).limits, permits)
                .whenComplete((found, failure) -> comeBack(together, found, failure));
      } catch (RuntimeException | Error unsent) { // nobody is to wait for an answer to it
        comeBack(together, null, unsent);
      }
    }

    private void comeBack(
        List<Caller> together, @Nullable List<Found> found, @Nullable Throwable failure) {
      if (found == null) {
        Throwable why = RedisCallException.of(failure);
        together.forEach(caller -> caller.completeExceptionally(why));
        waiting(true).forEach(caller -> caller.completeExceptionally(why));
        return;
      }
      List<Caller> next = next();
      if (!next.isEmpty()) {
        go(next);
      }
      note(together.get(0).bids, found);
      List<MicroLimit> limits = together.get(0).limits;
      Replay replay = new Replay(limits, found);
      for (Caller caller : together) {
        caller.complete(new Stage.Told(replay.decide(caller.permits), found, limits));
      }
    }

    private static void note(List<? extends Bid<?>> bids, List<Found> found) {
      try {
        for (int i = 0; i < found.size(); i++) {
          bids.get(i).policy().found(found.get(i));
        }
      } catch (RuntimeException ofTheLog) {
        // Nobody is to wait for ever since it cannot be written.
      }
    }

    /** Those that go together now; with none, the line has ended. */
    private List<Caller> next() {
      List<Caller> next = new ArrayList<>();
      while (true) {
        List<Caller> waiting = waiting(false);
        if (waiting.isEmpty()) {
          return next;
        }
        // In the course of a change of limits, only those who go by the same.
        List<MicroLimit> limits = waiting.get(0).limits;
        List<Caller> others = new ArrayList<>();
        long now = time.nanoTime();
        for (Caller caller : waiting) {
          if (now - caller.untilNanos > 0) {
            caller.leave();
          } else {
            boolean fits = next.size() < MOST_CALLERS && caller.limits.equals(limits);
            (fits ? next : others).add(caller);
          }
        }
        left = others;
        if (!next.isEmpty()) {
          return next;
        }
      }
    }

    /**
     * All who wait, in the order in which they came.
     *
     * @param ends whether the line ends with them; it does so if there are none
     */
    private List<Caller> waiting(boolean ends) {
      Caller newest = ends ? last.getAndSet(ENDED) : last.getAndSet(null);
      List<Caller> all = new ArrayList<>();
      for (Caller caller = newest; caller != null; caller = caller.before) {
        all.add(caller);
      }
      Collections.reverse(all);
      all.addAll(0, left);
      left = List.of();
      if (ends) {
        lines.remove(names, this);
      } else if (all.isEmpty()) {
        if (!last.compareAndSet(null, ENDED)) {
          return waiting(false); // somebody has come
        }
        lines.remove(names, this);
      }
      return all;
    }
  }
}
