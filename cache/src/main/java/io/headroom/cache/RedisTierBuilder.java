package io.headroom.cache;

import io.headroom.TimeSource;
import io.headroom.redis.RedisAddress;
import io.headroom.redis.RedisClients;
import java.time.Duration;
import java.util.Objects;

/** Says how a {@link RedisTier} is reached. Each option may be set once. Not thread-safe. */
public final class RedisTierBuilder {

  private static final Duration FIRST_CONNECTIONS = Duration.ofSeconds(2);

  private final Options options = new Options("Redis tier");
  private final RedisAddress address;
  private RedisAddress newsFrom;
  private boolean cluster;
  private Duration timeout = Duration.ofMillis(100);
  private Duration silence = Duration.ofSeconds(20);
  private TimeSource time = TimeSource.system();
  private RedisTier.Between between = new RedisTier.Between() {};

  RedisTierBuilder(String... uris) {
    address = RedisAddress.of(uris);
    newsFrom = address;
  }

  /**
   * Says that it is a cluster.
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RedisTierBuilder cluster() {
    options.once("cluster");
    cluster = true;
    return this;
  }

  /**
   * Sets how long a caller waits for an answer before it does without; 100 ms unless set.
   *
   * @param timeout from 5 ms to a minute
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public RedisTierBuilder timeout(Duration timeout) {
    this.timeout =
        options.duration("timeout", timeout, Duration.ofMillis(5), Duration.ofMinutes(1));
    return this;
  }

  /**
   * Sets after how long without invalidations a part of the keys is asked whether there were none;
   * 20 seconds on average unless set. This finds what the bus has lost without a trace. Each
   * process asks for each such part of each cache, so with thousands of processes let it be longer.
   *
   * @param silence from 100 ms to a year
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public RedisTierBuilder silence(Duration silence) {
    this.silence = options.duration("silence", silence, Duration.ofMillis(100));
    return this;
  }

  /**
   * Sets the clock; the system's unless set.
   *
   * @param time the clock
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RedisTierBuilder time(TimeSource time) {
    options.once("time");
    this.time = Objects.requireNonNull(time, "time must not be null");
    return this;
  }

  /** For tests. */
  RedisTierBuilder between(RedisTier.Between between) {
    this.between = between;
    return this;
  }

  /** Has the news come another way from the same server, for tests in which one of two is cut. */
  RedisTierBuilder newsFrom(String uri) {
    newsFrom = RedisAddress.of(uri);
    return this;
  }

  /**
   * Connects; where that cannot be done within two seconds, it goes on in the background.
   *
   * @return the tier
   * @throws IllegalStateException if there are several URIs, and it is no cluster
   */
  public RedisTier build() {
    RedisClients clients = cluster ? address.cluster(timeout) : address.single(newsFrom, timeout);
    return new RedisTier(address.toString(), clients, timeout, silence, time, between)
        .start(FIRST_CONNECTIONS);
  }
}
