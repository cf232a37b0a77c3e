package io.headroom.cache;

import java.time.Duration;

/** Durations as nanoseconds, which stop at the end of a long instead of overflowing. */
final class Nanos {

  /** A quarter of what a long holds, so that sums of two and differences of clocks stay in it. */
  static final long MOST = Long.MAX_VALUE / 4;

  private Nanos() {}

  /** At most 73 years. */
  static long of(Duration duration) {
    try {
      return Math.min(MOST, duration.toNanos());
    } catch (ArithmeticException tooLong) {
      return MOST;
    }
  }

  /** Of milliseconds of either sign. */
  static long ofMillis(long millis) {
    return Math.max(-MOST / 1_000_000, Math.min(MOST / 1_000_000, millis)) * 1_000_000;
  }

  static long sum(long one, long other) {
    return Math.min(MOST, one + other);
  }
}
