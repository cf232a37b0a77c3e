package io.headroom.routing;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Durations as nanoseconds, which stop at the ends of a long instead of overflowing. */
final class Nanos {

  private static final double JITTER = 0.2;

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

  /** A fifth more or less, so that a fleet that was started at once does not act at once. */
  static long jittered(long nanos) {
    double factor = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    return (long) (nanos * factor);
  }
}
