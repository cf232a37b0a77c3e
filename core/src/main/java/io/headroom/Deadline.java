package io.headroom;

import java.time.Duration;
import java.util.Locale;

/** A point on one monotonic clock. */
record Deadline(long nanoTime, TimeSource time) {

  /** Far enough, and two such deadlines still compare by subtraction. */
  private static final long MAX_NANOS = Long.MAX_VALUE / 2;

  private static final Duration MAX = Duration.ofNanos(MAX_NANOS);

  static Deadline in(Duration timeout, TimeSource time) {
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "timeout must be more than zero, was %s: a request without time left is refused, not"
                  + " started",
              timeout));
    }
    long nanos = timeout.compareTo(MAX) >= 0 ? MAX_NANOS : timeout.toNanos();
    return new Deadline(time.nanoTime() + nanos, time);
  }

  /** Negative once the deadline has passed. */
  long nanosLeft() {
    return nanoTime - time.nanoTime();
  }
}
