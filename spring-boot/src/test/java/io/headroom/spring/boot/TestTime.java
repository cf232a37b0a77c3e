package io.headroom.spring.boot;

import io.headroom.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** The machine's clock, which a test puts on. */
final class TestTime implements TimeSource {

  private final AtomicLong aheadNanos = new AtomicLong();

  void pass(Duration more) {
    aheadNanos.addAndGet(more.toNanos());
  }

  @Override
  public long nanoTime() {
    return TimeSource.system().nanoTime() + aheadNanos.get();
  }

  @Override
  public Instant wallTime() {
    return TimeSource.system().wallTime();
  }
}
