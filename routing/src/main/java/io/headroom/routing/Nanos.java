package io.headroom.routing;

import java.time.Duration;

/** Durations as nanoseconds, which stop at the ends of a long instead of overflowing. */
final class Nanos {

  private Nanos() {}

  static long of(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException tooLong) {
      return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** Of two that are not negative. */
  static long sum(long one, long other) {
    long sum = one + other;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
