package io.headroom;

import java.time.Duration;
import java.time.Instant;

/** A clock moved by hand; the testkit's is built on this module and so can't be used here. */
final class HandTime implements TimeSource {

  private long nanos = Long.MAX_VALUE - 1000; // overflows soon, as nanoTime may

  void advance(Duration by) {
    nanos += by.toNanos();
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public Instant wallTime() {
    return Instant.EPOCH.plusNanos(nanos);
  }
}
