package io.headroom.examples.quickstart;

import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimitedException;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RedisLimits;
import java.time.Duration;

/**
 * What an application writes to have limits: one for each user, and one for all users together, of
 * which each process takes permits ahead. Each process has one of these, on the same Redis, and
 * every request of the load passes it. While Redis is away, each admits its part. Thread-safe.
 */
final class Limits implements AutoCloseable {

  static final Limit PER_USER = Limit.perSecond(20).burst(40);
  static final Limit IN_ALL = Limit.perSecond(50_000);

  /** How many processes share them. */
  static final int PROCESSES = 2;

  private final RedisLimits redis;
  private final RateLimiter<Long> limiter;
  private final Entries.Counter entries = new Entries.Counter();

  /** Connects to Redis. */
  Limits(String redisUri) {
    this.redis = RedisLimits.builder(redisUri).timeout(Duration.ofMillis(250)).build();
    this.limiter =
        RateLimiter.<Long>builder("door")
            .policy("user", PER_USER, user -> user)
            .leased("all", IN_ALL)
            .processes(PROCESSES)
            .shared(redis)
            .build();
  }

  /**
   * Lets a user of the load in.
   *
   * @throws RateLimitedException if that is over a limit
   */
  void enter(long user) {
    try {
      entries.add(limiter.acquireOrThrow(user));
    } catch (RateLimitedException refused) {
      entries.add(refused.decision());
      throw refused;
    }
  }

  /** Asks for somebody who is not of the load, and is counted elsewhere. */
  Decision ask(long user) {
    return limiter.tryAcquire(user);
  }

  /** What came of {@link #enter}. */
  Entries entries() {
    return entries.sum();
  }

  /** Whether the limits are in Redis now. */
  boolean hasRedis() {
    return redis.isUp();
  }

  @Override
  public void close() {
    redis.close();
  }
}
