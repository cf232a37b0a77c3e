package io.headroom.routing;

import io.headroom.TimeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How many reads may fall back to the primary: {@code perSecond} of them in the long run, and
 * {@code burst} at once, so that a lagging fleet cannot sink the primary. At 100 per second with a
 * burst of 50, any ten seconds see at most 1,050.
 *
 * <p>The generic cell rate algorithm (ITU-T I.371, Annex A): one instant says all, the theoretical
 * arrival time of the next read if they came evenly. Exact with any number of threads, in any
 * window: it never grants more. Thread-safe.
 */
final class SpillBudget {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** The largest burst of the slowest rate is 32 years, and fits a long. */
  private static final int LARGEST = 1_000_000;

  private static final double SLOWEST = 0.001;

  private final TimeSource time;
  private final AtomicReference<State> state;

  /**
   * What was granted so far, and by which rates.
   *
   * @param nextNanos when the next read would come if they came evenly
   * @param everyNanos between two reads; 0 without a limit
   * @param burst reads at once
   * @param closed whether nothing is granted at all
   */
  private record State(long nextNanos, long everyNanos, int burst, boolean closed) {

    long toleranceNanos() {
      return (burst - 1) * everyNanos;
    }
  }

  /**
   * Creates a budget of which nothing is used.
   *
   * @param perSecond reads per second, 0 for none ever, infinity for no limit
   * @param burst how many at once, at least 1
   */
  SpillBudget(double perSecond, int burst, TimeSource time) {
    this.time = time;
    this.state = new AtomicReference<>(new State(time.nanoTime(), 0, 1, false));
    limit(perSecond, burst);
  }

  /**
   * Sets other limits. What is used of the old ones stays used, as so many reads.
   *
   * @param perSecond reads per second, at least 0.001; 0 for none ever, infinity for no limit. It
   *     is rounded down to whole nanoseconds between two
   * @param burst how many at once, 1 to 1,000,000
   * @throws IllegalArgumentException if one is out of range
   */
  void limit(double perSecond, int burst) {
    if (perSecond != 0 && !(perSecond >= SLOWEST)) {
      throw new IllegalArgumentException(
          "perSecond must be 0 or at least " + SLOWEST + ", was " + perSecond);
    }
    if (burst < 1 || burst > LARGEST) {
      throw new IllegalArgumentException("burst must be 1 to " + LARGEST + ", was " + burst);
    }
    double every = Math.ceil(SECOND / Math.max(SLOWEST, perSecond));
    State before;
    State after;
    do {
      before = state.get();
      long now = time.nanoTime();
      double used = Math.max(0, before.nextNanos() - now);
      double reads = before.everyNanos() == 0 ? 0 : used / before.everyNanos();
      long next = now + (long) Math.ceil(reads * every);
      after = new State(next, (long) every, burst, perSecond == 0);
    } while (!state.compareAndSet(before, after));
  }

  /**
   * Takes one read from the budget.
   *
   * @return 0 if it was granted, else in how many nanoseconds one would be, if nobody else came
   */
  long tryAcquireNanos() {
    long now = time.nanoTime();
    while (true) {
      State before = state.get();
      if (before.closed()) {
        return SECOND; // never; by then a replica may have caught up
      }
      if (before.everyNanos() == 0) {
        return 0;
      }
      long due = before.nextNanos() - now > 0 ? before.nextNanos() : now;
      long early = due - now - before.toleranceNanos();
      if (early > 0) {
        return early;
      }
      State after =
          new State(due + before.everyNanos(), before.everyNanos(), before.burst(), false);
      if (state.compareAndSet(before, after)) {
        return 0;
      }
    }
  }
}
