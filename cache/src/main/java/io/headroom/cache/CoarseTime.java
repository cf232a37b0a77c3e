package io.headroom.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * A clock that is set by those who read a real one anyway, to the nearest second. A real one costs
 * more than the rest of a hit, and Caffeine would read it again, only to sweep out what has been
 * useless for long.
 */
final class CoarseTime implements Ticker {

  /** How far behind it may be while it is told the time at all. */
  static final Duration GRAIN = Duration.ofSeconds(1);

  private static final long GRAIN_NANOS = GRAIN.toNanos();

  private volatile long nanos;

  CoarseTime(long nowNanos) {
    this.nanos = nowNanos;
  }

  void saw(long nowNanos) {
    if (nowNanos - nanos > GRAIN_NANOS) {
      nanos = nowNanos; // two at once write nearly the same
    }
  }

  @Override
  public long read() {
    return nanos;
  }
}
