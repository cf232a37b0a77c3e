package io.headroom.ratelimit;

import io.headroom.TimeSource;
import io.headroom.redis.RedisAddress;
import io.headroom.redis.RedisClients;
import java.time.Duration;
import java.util.Objects;

/** Says how {@link RedisLimits} are reached. Each option may be set once. Not thread-safe. */
public final class RedisLimitsBuilder {

  private static final Duration FIRST_CONNECTION = Duration.ofSeconds(2);
  private static final Duration SHORTEST = Duration.ofMillis(5);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private final Options options = new Options("Redis limits");
  private final RedisAddress address;
  private boolean cluster;
  private Duration timeout = Duration.ofMillis(50);
  private TimeSource time = TimeSource.system();

  RedisLimitsBuilder(String... uris) {
    address = RedisAddress.of(uris);
  }

  /**
   * Says that it is a cluster.
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RedisLimitsBuilder cluster() {
    options.once("cluster");
    cluster = true;
    return this;
  }

  /**
   * Sets how long a decision may take; 50 ms unless set. Who has no answer then is decided for as
   * {@link WhenAway} says, and what he asked for counts as spent, since Redis may have done it.
   *
   * @param timeout from 5 ms to a minute
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public RedisLimitsBuilder timeout(Duration timeout) {
    options.once("timeout");
    Objects.requireNonNull(timeout, "timeout must not be null");
    if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "timeout must be " + SHORTEST + " to " + LONGEST + ", was " + timeout);
    }
    this.timeout = timeout;
    return this;
  }

  /**
   * Sets the clock by which it is told how long something takes; the system's unless set. Permits
   * flow in by the clock of Redis.
   *
   * @param time the clock
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RedisLimitsBuilder time(TimeSource time) {
    options.once("time");
    this.time = Objects.requireNonNull(time, "time must not be null");
    return this;
  }

  /**
   * Connects; where that cannot be done within two seconds, it goes on in the background.
   *
   * @return the limits
   * @throws IllegalStateException if there are several URIs, and it is no cluster
   */
  public RedisLimits build() {
    RedisClients clients = cluster ? address.cluster(timeout) : address.single(timeout);
    return new RedisLimits(address.toString(), clients, timeout, time).start(FIRST_CONNECTION);
  }
}
