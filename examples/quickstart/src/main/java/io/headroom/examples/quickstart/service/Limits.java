package io.headroom.examples.quickstart.service;

import io.headroom.LoadSignal;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RedisLimits;
import io.headroom.ratelimit.http.ClientAddress;
import io.headroom.ratelimit.http.RateLimitFilter;
import jakarta.servlet.Filter;
import java.time.Duration;

/**
 * The limits at the door: one for each address, and one for all together, of which each process
 * takes permits ahead. All processes share them on one Redis; while that is away, each admits its
 * part. Thread-safe.
 */
public final class Limits implements AutoCloseable {

  /** What each address is admitted. */
  public static final Limit PER_ADDRESS = Limit.perSecond(100).burst(50);

  /** How many processes share it. */
  public static final int PROCESSES = 2;

  private static final Limit IN_ALL = Limit.perSecond(50_000);

  private final RedisLimits redis;
  private final RateLimiter<String> limiter;
  private final EntriesByAddress entries = new EntriesByAddress();

  /**
   * Connects to Redis.
   *
   * @param load from {@link io.headroom.LoadLevel#HIGH} on, what is sheddable gets half
   */
  public Limits(String redisUri, LoadSignal load) {
    this.redis = RedisLimits.builder(redisUri).timeout(Duration.ofMillis(250)).build();
    this.limiter =
        RateLimiter.<String>builder("door")
            .policy("address", PER_ADDRESS, address -> address)
            .leased("all", IN_ALL)
            .processes(PROCESSES)
            .shared(redis)
            .loadSignal(load, "all pools")
            .listener(entries)
            .build();
  }

  /** Answers 429 to who is over a limit; believes the load balancer, which is on this machine. */
  public Filter filter() {
    return RateLimitFilter.<String>builder(
            RateLimitFilter.addressBy(ClientAddress.xForwardedFor("127.0.0.1"))
                .andThen(entries::asks))
        .limiter(limiter)
        .build();
  }

  /** What came of all who asked. */
  public Entries entries() {
    return entries.all();
  }

  /** What came of one address, if it is among those that asked last. */
  public Entries entriesOf(String address) {
    return entries.of(address);
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
