package io.headroom.testkit.cache;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The clock of a history, which counts as well: a clock that stands still orders nothing. */
final class Moments {

  private final LongSupplier nanoTime;
  private final long originNanos;
  private final AtomicLong count = new AtomicLong();

  Moments(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.originNanos = nanoTime.getAsLong();
  }

  /**
   * A moment of a history.
   *
   * @param order its place among all
   * @param nanos the time since the history's beginning
   */
  record Moment(long order, long nanos) {

    boolean isBefore(Moment other) {
      return order < other.order;
    }
  }

  Moment now() {
    long nanos = nanoTime.getAsLong() - originNanos;
    return new Moment(count.incrementAndGet(), nanos);
  }
}
