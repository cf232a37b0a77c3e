package io.headroom.routing;

import io.headroom.TimeSource;
import java.util.concurrent.TimeUnit;

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

  /** When the next read would come if they came evenly. */
  private long nextNanos;

  /** Between two of them; 0 without a limit. */
  private long everyNanos;

  private int burst;
  private boolean closed;

  /**
   * Creates a budget of which nothing is used.
   *
   * @param perSecond reads per second, 0 for none ever, infinity for no limit
   * @param burst how many at once, at least 1
   */
  SpillBudget(double perSecond, int burst, TimeSource time) {
    this.time = time;
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
  synchronized void limit(double perSecond, int burst) {
    if (perSecond != 0 && !(perSecond >= SLOWEST)) {
      throw new IllegalArgumentException(
          "perSecond must be 0 or at least " + SLOWEST + ", was " + perSecond);
    }
    if (burst < 1 || burst > LARGEST) {
      throw new IllegalArgumentException("burst must be 1 to " + LARGEST + ", was " + burst);
    }
    double every = Math.ceil(SECOND / Math.max(SLOWEST, perSecond));
    long now = time.nanoTime();
    double reads = everyNanos == 0 ? 0 : (double) Math.max(0, nextNanos - now) / everyNanos;
    this.nextNanos = now + (long) Math.ceil(reads * every);
    this.everyNanos = (long) every;
    this.burst = burst;
    this.closed = perSecond == 0;
  }

  /**
   * Takes one read from the budget.
   *
   * @return 0 if it was granted, else in how many nanoseconds one would be, if nobody else came
   */
  synchronized long tryAcquireNanos() {
    if (closed) {
      return SECOND; // never; by then a replica may have caught up
    }
    if (everyNanos == 0) {
      return 0;
    }
    long now = time.nanoTime();
    long due = Math.max(0, nextNanos - now);
    long early = due - (burst - 1) * everyNanos;
    if (early > 0) {
      return early;
    }
    nextNanos = now + due + everyNanos;
    return 0;
  }
}
