package io.headroom;

import java.time.Instant;

/** The machine's clocks: the only place that reads them. */
enum SystemTime implements TimeSource {
  CLOCKS;

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Instant wallTime() {
    return Instant.now();
  }
}
