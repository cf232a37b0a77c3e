package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test moves, either way, close to its overflow. */
public final class HandTime implements TimeSource {

  static final long ORIGIN = Long.MAX_VALUE - Duration.ofSeconds(10).toNanos();

  private final AtomicLong nanos = new AtomicLong(ORIGIN);

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public Instant wallTime() {
    return Instant.EPOCH;
  }

  /** Moves it on. */
  public void advance(Duration by) {
    advance(by.toNanos());
  }

  void advance(long byNanos) {
    nanos.addAndGet(byNanos);
  }

  void set(long reading) {
    nanos.set(reading);
  }
}
