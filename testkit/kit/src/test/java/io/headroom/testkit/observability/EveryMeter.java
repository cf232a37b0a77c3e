package io.headroom.testkit.observability;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.cache.CacheCodec;
import io.headroom.cache.CacheKeys;
import io.headroom.cache.CacheMetrics;
import io.headroom.cache.RedisTier;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.GuardMetrics;
import io.headroom.guard.PoolBudget;
import io.headroom.ratelimit.ConcurrencyLimiter;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimitMetrics;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RedisLimits;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.RoutingMetrics;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardingMetrics;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.RedisServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * One of everything that has meters, with every option that brings more of them. Nothing registers
 * a meter later than at its binding.
 */
final class EveryMeter implements AutoCloseable {

  /** The tags that say whose a meter is; all others tell the meters of one owner apart. */
  static final List<String> OWNERS =
      List.of("pool", "cluster", "node", "cache", "limiter", "policy", "router");

  private final Deque<Runnable> closings = new ArrayDeque<>();
  private final List<MeterBinder> binders;

  private EveryMeter(String primaryUrl, String replicaUrl, String redisUri) {
    ConnectionGuard guard =
        closing(
            ConnectionGuard.builder().budget(PoolBudget.of(8).processes(2)).build(),
            ConnectionGuard::close);
    DataSource primary = guard.protect("orders", pool(primaryUrl));
    DataSource replica = guard.protect("orders-replica", pool(replicaUrl));
    ReplicaDataSource orders =
        closing(
            ReplicaDataSource.builder("orders")
                .primary("primary", primary)
                .replica("replica", replica)
                .loadSignal(guard.levels())
                .build(),
            ReplicaDataSource::close);
    RedisTier tier = closing(RedisTier.connect(redisUri), RedisTier::close);
    TieredCache<String, String> cache =
        closing(
            TieredCache.<String, String>builder("letters", key -> key)
                .shared(
                    SharedTier.on(tier, CacheKeys.strings(), CacheCodec.strings())
                        .partitions(1)
                        .build())
                .build(),
            TieredCache::close);
    RedisLimits redis = closing(RedisLimits.connect(redisUri), RedisLimits::close);
    RateLimiter<String> door =
        RateLimiter.<String>builder("door")
            .policy("user", Limit.perSecond(10), user -> user)
            .leased("all", Limit.of(1_000, Duration.ofMinutes(1)), user -> "all")
            .loadSignal(guard.levels(), "orders")
            .shared(redis)
            .build();
    ConcurrencyLimiter<String> uploads = ConcurrencyLimiter.<String>builder("uploads", 2).build();
    ShardRouter<Long> router =
        closing(ShardRouter.forLongs(ShardMap.of("a", "b")), ShardRouter::close);
    binders =
        List.of(
            RateLimitMetrics.of(door),
            RateLimitMetrics.of(uploads),
            RateLimitMetrics.of(redis),
            GuardMetrics.of(guard),
            CacheMetrics.of(cache),
            RoutingMetrics.of(orders),
            ShardingMetrics.of(router));
  }

  /** On the servers of a test class: a primary with a replica, and a Redis. */
  static EveryMeter on(PostgresExtension postgres, RedisServer redis) {
    return new EveryMeter(
        postgres.jdbcUrl(0),
        postgres.replicasOf(0).get(0).jdbcUrl(postgres.database()),
        redis.uri());
  }

  private HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername("postgres");
    config.setMaximumPoolSize(4);
    config.setMinimumIdle(0);
    return closing(new HikariDataSource(config), HikariDataSource::close);
  }

  private <T> T closing(T resource, Consumer<T> how) {
    closings.push(() -> how.accept(resource));
    return resource;
  }

  Stream<Class<?>> binders() {
    return binders.stream().map(Object::getClass);
  }

  void bindTo(MeterRegistry registry) {
    binders.forEach(binder -> binder.bindTo(registry));
  }

  /** What was opened last first: what asks a pool ends before the pool does. */
  @Override
  public void close() {
    closings.forEach(Runnable::run);
  }
}
