package io.headroom.benchmarks.limits;

import com.google.common.util.concurrent.RateLimiter;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.headroom.ratelimit.Limit;
import java.time.Duration;

/**
 * So many permits per period, as each contender is told. The burst is the permits of one period
 * (with Guava, of a second), and no caller waits for a permit.
 *
 * @param permits how many
 * @param period in which time
 */
public record Rate(int permits, Duration period) {
  /** The scenario in which everybody is admitted. */
  public static final String ADMITTED = "admitted";

  /** The scenario in which everybody is refused, once the first permit has been taken. */
  public static final String REFUSED = "refused";

  /**
   * The rate of a scenario.
   *
   * @param outcome {@link #ADMITTED} or {@link #REFUSED}
   * @return more permits than a loop can take, or one a day
   * @throws IllegalArgumentException if it is neither
   */
  public static Rate of(String outcome) {
    return switch (outcome) {
      case ADMITTED -> new Rate(1_000_000_000, Duration.ofSeconds(1));
      case REFUSED -> new Rate(1, Duration.ofDays(1));
      default -> throw new IllegalArgumentException("no scenario " + outcome);
    };
  }

  /**
   * Ours.
   *
   * @return the limit
   */
  public Limit headroom() {
    return Limit.of(permits, period);
  }

  /**
   * Bucket4j with what its builder sets: lock-free, on the clock of milliseconds.
   *
   * @return a full bucket
   */
  public Bucket bucket4j() {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(permits).refillGreedy(permits, period))
        .build();
  }

  /**
   * Guava's.
   *
   * @return a limiter that admits the first
   */
  public RateLimiter guava() {
    return RateLimiter.create(permits * 1e9 / period.toNanos());
  }

  /**
   * Resilience4j's.
   *
   * @return a configuration by which nobody waits
   */
  public RateLimiterConfig resilience4j() {
    return RateLimiterConfig.custom()
        .limitForPeriod(permits)
        .limitRefreshPeriod(period)
        .timeoutDuration(Duration.ZERO)
        .build();
  }
}
