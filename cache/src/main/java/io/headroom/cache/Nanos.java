package io.headroom.cache;

import java.time.Duration;

/** Durations as nanoseconds, which stop at the end of a long instead of overflowing. */
final class Nanos {

  /** Half of what a long holds, so that sums of two and differences of clocks stay in it. */
  private static final long MOST = Long.MAX_VALUE / 4;

  private Nanos() {}

  /** At most 73 years. */
  static long of(Duration duration) {
    try {
      return Math.min(MOST, duration.toNanos());
    } catch (ArithmeticException tooLong) {
      return MOST;
    }
  }

  static long sum(long one, long other) {
    return Math.min(MOST, one + other);
  }
}
