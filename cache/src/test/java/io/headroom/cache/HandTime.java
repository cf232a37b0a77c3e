package io.headroom.cache;

import io.headroom.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test moves, close to its overflow. */
final class HandTime implements TimeSource {

  private final AtomicLong nanos =
      new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(10).toNanos());

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public Instant wallTime() {
    return Instant.EPOCH;
  }

  void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }
}
