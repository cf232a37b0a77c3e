package io.headroom.examples.quickstart;

import io.headroom.cache.CacheKeys;
import io.headroom.cache.CacheLoader;
import io.headroom.cache.CacheStats;
import io.headroom.cache.JacksonCodec;
import io.headroom.cache.RedisTier;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import io.headroom.sharding.Scatter;
import io.headroom.sharding.ShardedDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an application writes so that its profiles are read from a cache: the two queries that load
 * them, and an {@code invalidate} in the transaction that changes one. Each process has one of
 * these, on the same Redis. Thread-safe.
 */
final class Profiles implements CacheLoader<Long, Profile>, AutoCloseable {

  /** How old entries may be of a process that does not hear from Redis. */
  static final Duration MAX_STALENESS = Duration.ofSeconds(3);

  /** About two thirds of the answers, by the keys' distribution; Redis has the others. */
  private static final int HERE = 2_000;

  private final ShardedDataSource sharded;
  private final Scatter scatter;
  private final Attempts attempts;
  private final RedisTier redis;
  private final TieredCache<Long, Profile> cache;

  /**
   * Connects to Redis.
   *
   * @param repeated counts attempts that were not the first
   */
  Profiles(ShardedDataSource sharded, String redisUri, LongAdder repeated) {
    this.sharded = sharded;
    this.attempts = new Attempts(repeated);
    this.scatter = Scatter.builder(sharded).timeout(Duration.ofSeconds(5)).build();
    this.redis = RedisTier.builder(redisUri).timeout(Duration.ofMillis(250)).build();
    this.cache =
        TieredCache.<Long, Profile>builder("profile", this)
            .maximumEntries(HERE)
            .shared(
                SharedTier.on(redis, CacheKeys.longs(), JacksonCodec.of(Profile.class))
                    .maxStaleness(MAX_STALENESS)
                    .build())
            .build();
  }

  @Nullable Profile find(long userId) {
    return cache.get(userId);
  }

  Map<Long, Profile> findAll(Collection<Long> userIds) {
    return cache.getAll(userIds);
  }

  /**
   * Changes a profile. The cache forgets it at the commit, in all processes, and remembers where
   * the commit lies: no replica that has not replayed it can bring the old one back.
   *
   * @return the new version
   */
  long change(long userId) throws SQLException {
    return attempts.call(
        () -> {
          try (Connection connection = sharded.forKey(userId).getConnection()) {
            connection.setAutoCommit(false);
            long version = increment(connection, userId);
            cache.invalidate(userId);
            connection.commit();
            return version;
          }
        });
  }

  private static long increment(Connection connection, long userId) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE users SET version = version + 1 WHERE user_id = ? RETURNING version")) {
      statement.setLong(1, userId);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  @Override
  public @Nullable Profile load(Long userId) throws SQLException {
    return loadAll(Set.of(userId)).get(userId);
  }

  @Override
  public Map<Long, Profile> loadAll(Set<Long> userIds) throws SQLException {
    List<Profile> found =
        attempts.call(
            () ->
                scatter
                    .query(
                        "SELECT user_id, email, version FROM users WHERE user_id = ANY (?)",
                        row -> new Profile(row.getLong(1), row.getString(2), row.getLong(3)))
                    .forKeys(userIds)
                    .toList());
    return found.stream().collect(Collectors.toMap(Profile::userId, Function.identity()));
  }

  /** Whether the cache has Redis behind it now. */
  boolean hasRedis() {
    return redis.isUp();
  }

  CacheStats stats() {
    return cache.stats();
  }

  @Override
  public void close() {
    cache.close();
    redis.close();
    scatter.close();
  }
}
