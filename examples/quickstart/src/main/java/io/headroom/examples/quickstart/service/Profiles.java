package io.headroom.examples.quickstart.service;

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
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an application writes so that its profiles are read from a cache: the query that loads them,
 * and an {@code invalidate} in the transaction that changes one. Each process has one of these, on
 * the same Redis. Thread-safe.
 */
final class Profiles implements CacheLoader<Long, Profile>, AutoCloseable {

  /** About two thirds of the answers, as ten thousand are asked for; Redis has the others. */
  private static final int HERE = 500;

  private final ShardedDataSource sharded;
  private final Scatter scatter;
  private final Attempts attempts;
  private final RedisTier redis;
  private final TieredCache<Long, Profile> cache;

  /**
   * A change that was committed.
   *
   * @param profile as it is since
   * @param commitNanos when the commit began, by {@code System.nanoTime()}
   */
  record Changed(Profile profile, long commitNanos) {}

  /** Connects to Redis. */
  Profiles(Wiring wiring, String redisUri, Attempts attempts) {
    this.sharded = wiring.sharded();
    this.attempts = attempts;
    this.scatter = Scatter.builder(sharded).timeout(Duration.ofSeconds(5)).build();
    this.redis = RedisTier.builder(redisUri).timeout(Duration.ofMillis(250)).build();
    this.cache =
        TieredCache.<Long, Profile>builder("profile", this)
            .maximumEntries(HERE)
            .staleFor(Duration.ofMinutes(1)) // under load; never what was invalidated
            .loadSignal(wiring.ofAllPools(), "all pools")
            .shared(
                SharedTier.on(redis, CacheKeys.longs(), JacksonCodec.of(Profile.class))
                    .maximumStaleness(Profile.MAX_STALENESS)
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
   */
  Changed change(long userId) throws SQLException {
    return attempts.call(
        () -> {
          try (Connection connection = sharded.forKey(userId).getConnection()) {
            connection.setAutoCommit(false);
            Profile changed = increment(connection, userId);
            cache.invalidate(userId);
            long commitNanos = System.nanoTime();
            connection.commit();
            return new Changed(changed, commitNanos);
          }
        });
  }

  private static Profile increment(Connection connection, long userId) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE users SET version = version + 1 WHERE user_id = ?"
                + " RETURNING user_id, email, version")) {
      statement.setLong(1, userId);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return read(row);
      }
    }
  }

  private static Profile read(ResultSet row) throws SQLException {
    return new Profile(row.getLong(1), row.getString(2), row.getLong(3));
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
                        Profiles::read)
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
