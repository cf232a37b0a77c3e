package io.headroom.benchmarks.limits;

import io.headroom.ratelimit.RateLimiter;

/** Ours, by key. Thread-safe. */
public final class HeadroomByKey {
  private static final int MAXIMUM_KEYS = 2_000_000;

  private final RateLimiter<Long> limiter;

  /**
   * Creates it without buckets.
   *
   * @param rate of each key
   */
  public HeadroomByKey(Rate rate) {
    limiter =
        RateLimiter.<Long>builder("key").limit(rate.headroom()).maximumKeys(MAXIMUM_KEYS).build();
  }

  /**
   * Takes a permit of a key.
   *
   * @param key whose
   * @return whether there was one
   */
  public boolean tryAcquire(Long key) {
    return limiter.tryAcquire(key).allowed();
  }
}
