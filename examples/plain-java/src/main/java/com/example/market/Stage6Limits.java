package com.example.market;

import com.example.market.Request.Kind;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.TokenSigner;
import io.headroom.cache.CacheKeys;
import io.headroom.cache.CacheLoadException;
import io.headroom.cache.JacksonCodec;
import io.headroom.cache.RedisTier;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import io.headroom.guard.Admission;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.PoolRefusedException;
import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RedisLimits;
import io.headroom.routing.NoFreshReplicaException;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.ReplicaDataSourceBuilder;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The market on shards, with a cache, and a limit for each address. */
public final class Stage6Limits implements Market {

  private final ConnectionGuard guard = ConnectionGuard.create();
  private final List<HikariDataSource> pools = new ArrayList<>();
  private final Map<String, ReplicaDataSource> clusters = new LinkedHashMap<>();
  private final ShardRouter<Long> router;
  private final ShardedDataSource database;
  private final TokenSigner signer;
  private final RedisTier redis;
  private final TieredCache<Long, Page> pages;
  private final RedisLimits limits;
  private final RateLimiter<Request> limiter;

  /**
   * Opens pools.
   *
   * @param shards of each the URLs of its servers, the primary's first
   * @param signer signs what clients have seen
   * @param redisUri of the Redis that all processes share
   */
  public Stage6Limits(Map<String, List<String>> shards, TokenSigner signer, String redisUri) {
    this.signer = signer;
    shards.forEach((shard, urls) -> clusters.put(shard, cluster(shard, urls)));
    router = ShardRouter.forLongs(ShardMap.of(shards.keySet()));
    database = ShardedDataSource.builder(router).dataSources(clusters).build();
    redis = RedisTier.connect(redisUri);
    pages =
        TieredCache.<Long, Page>builder("page", this::load)
            .ttl(Duration.ofMinutes(1))
            .shared(
                SharedTier.on(redis, CacheKeys.longs(), JacksonCodec.of(Page.class))
                    .ttl(Duration.ofHours(1))
                    .build())
            .build();
    limits = RedisLimits.connect(redisUri);
    limiter =
        RateLimiter.<Request>builder("market")
            .policy("address", Limit.perSecond(100).burst(50), Request::address)
            .shared(limits)
            .build();
  }

  private ReplicaDataSource cluster(String name, List<String> urls) {
    ReplicaDataSourceBuilder builder =
        ReplicaDataSource.builder(name)
            .primary(name, guarded(name, urls.get(0)))
            .loadSignal(guard.levels());
    for (int i = 1; i < urls.size(); i++) {
      String replica = "replica-" + i;
      builder.replica(replica, guarded(name + "/" + replica, urls.get(i)));
    }
    return builder.build();
  }

  private DataSource guarded(String name, String url) {
    // 300 ms of the second: if this server is dead, another is asked
    HikariDataSource pool = Pools.open(name, url, Duration.ofMillis(300));
    pools.add(pool);
    return guard.protect(name, pool);
  }

  @Override
  @SuppressWarnings("try") // the scope is opened for its effect
  public Answer answer(Request request) throws SQLException {
    Decision decision = limiter.tryAcquire(request);
    if (!decision.allowed()) {
      return Answer.tooMany(decision.retryAfter());
    }
    RequestContext context =
        RequestContext.builder()
            .criticality(request.kind() == Kind.ORDER ? Criticality.CRITICAL : Criticality.STANDARD)
            .cohortOf(request.user())
            .timeout(Duration.ofSeconds(1))
            .build();
    context.observe(signer.openOrNone(request.seen()));
    try (RequestContext.Scope scope = context.attach();
        Admission admission = guard.admit()) {
      if (!admission.allowed()) {
        return Answer.unavailable(admission.retryAfter());
      }
      Answer answer = Answer.of(serve(request));
      return request.kind() == Kind.ORDER ? answer.seen(signer.seal(context.token())) : answer;
    } catch (PoolRefusedException refused) {
      return Answer.unavailable(refused.refusal().retryAfter());
    } catch (NoFreshReplicaException refused) {
      return Answer.unavailable(refused.retryAfter());
    }
  }

  private @Nullable Object serve(Request request) throws SQLException {
    return switch (request.kind()) {
      case PAGE -> page(request.stall());
      case ORDER -> order(request.stall(), request.user());
      case ORDERS -> orders(request.stall());
      case NEWEST -> newest();
    };
  }

  private @Nullable Page page(long stall) throws SQLException {
    try {
      return pages.get(stall);
    } catch (CacheLoadException failure) {
      if (failure.getCause() instanceof SQLException cause) {
        throw cause; // as without a cache
      }
      throw failure;
    }
  }

  private @Nullable Page load(long stall) throws SQLException {
    try (Connection connection = database.forKey(stall).getConnection()) {
      connection.setReadOnly(true);
      return Sql.page(connection, stall);
    }
  }

  private @Nullable Long order(long stall, String buyer) throws SQLException {
    try (Connection connection = database.forKey(stall).getConnection()) {
      connection.setAutoCommit(false);
      Long order = Sql.order(connection, stall, buyer);
      pages.invalidate(stall); // with the commit, in all processes
      connection.commit();
      return order;
    }
  }

  private List<Order> orders(long stall) throws SQLException {
    try (Connection connection = database.forKey(stall).getConnection()) {
      connection.setReadOnly(true);
      return Sql.orders(connection, stall);
    }
  }

  private List<Order> newest() throws SQLException {
    return database
        .scatter()
        .query(Sql.NEWEST, Order::read)
        .ordered(Order.NEWEST_FIRST)
        .limit(20)
        .toPartialList() // of the shards that answer
        .value();
  }

  @Override
  public void close() {
    pages.close();
    redis.close();
    database.close();
    router.close();
    clusters.values().forEach(ReplicaDataSource::close);
    guard.close();
    pools.forEach(HikariDataSource::close);
    limits.close();
  }
}
