package io.headroom.benchmarks.soak;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.RequestContext;
import io.headroom.cache.CacheCodec;
import io.headroom.cache.CacheKeys;
import io.headroom.cache.RedisTier;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import io.headroom.guard.Admission;
import io.headroom.guard.ConnectionGuard;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RedisLimits;
import io.headroom.routing.FailoverExceptionOverride;
import io.headroom.routing.ProbeThreads;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.ReplicaDataSourceBuilder;
import io.headroom.sharding.Scatter;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A service with everything: limits on Redis, the guard's door, a cache in two levels, shards, and
 * replicas of each. It makes no second attempt at anything, so that every failure is seen.
 * Thread-safe.
 */
final class SoakService implements AutoCloseable {
  /** Accounts, of which each has a version that grows. */
  static final int ACCOUNTS = 20_000;

  /** How long a query holds its connection, so that pools are what is short, and not cores. */
  private static final String HOLD = "pg_sleep(0.04)";

  /** Of each pool. */
  static final int CONNECTIONS = 4;

  private static final Duration SCATTER_TIMEOUT = Duration.ofSeconds(3);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final ConnectionGuard guard;
  private final RateLimiter<Long> limiter;
  private final TieredCache<Long, String> versions;
  private final ShardRouter<Long> router;
  private final ShardedDataSource sharded;
  private final Scatter scatter;

  SoakService(SoakServers servers) {
    guard = opened(ConnectionGuard.create());
    ProbeThreads probes = opened(ProbeThreads.create(2 * SoakServers.SHARDS));
    Map<String, ReplicaDataSource> shards = new LinkedHashMap<>();
    for (String shard : servers.shards()) {
      shards.put(shard, cluster(shard, servers.servers(shard), probes));
    }
    router = opened(ShardRouter.forLongs(ShardMap.of(shards.keySet())));
    sharded = opened(ShardedDataSource.builder(router).dataSources(shards).build());
    scatter = opened(Scatter.builder(sharded).timeout(SCATTER_TIMEOUT).build());
    RedisTier redis = opened(RedisTier.connect(servers.redis().uri()));
    versions =
        opened(
            TieredCache.<Long, String>builder("versions", this::load)
                .maximumEntries(ACCOUNTS / 4)
                .ttl(Duration.ofSeconds(30))
                .shared(
                    SharedTier.on(redis, CacheKeys.longs(), CacheCodec.strings())
                        .ttl(Duration.ofMinutes(2))
                        .build())
                .build());
    RedisLimits limits = opened(RedisLimits.builder(servers.redis().uri()).build());
    limiter =
        RateLimiter.<Long>builder("door")
            .policy("account", Limit.perSecond(1_000).burst(1_000), account -> account)
            .leased("all", Limit.perSecond(100_000))
            .shared(limits)
            .build();
  }

  private ReplicaDataSource cluster(String shard, List<PostgresServer> nodes, ProbeThreads probes) {
    ReplicaDataSourceBuilder builder =
        ReplicaDataSource.builder(shard)
            .primarySpill(1_000)
            .probeThreads(probes)
            .loadSignal(guard.levels());
    for (int i = 0; i < nodes.size(); i++) {
      PostgresServer node = nodes.get(i);
      HikariDataSource pool = opened(pool(node));
      if (i == 0) {
        builder.primary(node.name(), guard.protect(shard, pool));
      } else {
        builder.replica(node.name(), guard.protect(shard + "/" + node.name(), pool));
      }
    }
    return opened(builder.build());
  }

  private static HikariDataSource pool(PostgresServer server) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(server.name());
    config.setJdbcUrl(server.jdbcUrl() + "&connectTimeout=2&socketTimeout=10");
    config.setMaximumPoolSize(CONNECTIONS);
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1);
    config.setExceptionOverrideClassName(FailoverExceptionOverride.class.getName());
    return new HikariDataSource(config);
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Makes the table on each shard, with the accounts that are its own. */
  void createAccounts() throws SQLException {
    Map<String, List<Long>> owned =
        LongStream.range(0, ACCOUNTS)
            .boxed()
            .collect(Collectors.groupingBy(account -> router.shardFor(account).id()));
    for (Map.Entry<String, List<Long>> shard : owned.entrySet()) {
      try (Connection connection = sharded.forShard(shard.getKey()).getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE accounts (id bigint PRIMARY KEY, version bigint NOT NULL DEFAULT 0)");
        try (PreparedStatement insert =
            connection.prepareStatement("INSERT INTO accounts SELECT unnest(?)")) {
          insert.setArray(1, connection.createArrayOf("bigint", shard.getValue().toArray()));
          insert.executeUpdate();
        }
      }
    }
  }

  /** What a request does. */
  @FunctionalInterface
  interface Work {
    void run() throws SQLException;
  }

  /** A request of an account's owner, from the context to the end. */
  @SuppressWarnings("try") // scope and admission are held for as long as the work takes
  void request(long account, Duration timeout, Work work) throws SQLException {
    RequestContext request = RequestContext.builder().timeout(timeout).cohortOf(account).build();
    try (RequestContext.Scope scope = request.attach()) {
      limiter.acquireOrThrow(account);
      try (Admission admission = guard.admitOrThrow()) {
        work.run();
      }
    }
  }

  /** An account's version, from the cache. */
  long cachedVersion(long account) {
    return Long.parseLong(Objects.requireNonNull(versions.get(account), "no such account"));
  }

  private String load(Long account) throws SQLException {
    return Long.toString(readVersion(account));
  }

  /** An account's version, from a replica that has what the request has seen. */
  long readVersion(long account) throws SQLException {
    try (Connection connection = sharded.forKey(account).getConnection()) {
      connection.setReadOnly(true);
      return version(
          connection, "SELECT version, " + HOLD + " FROM accounts WHERE id = ?", account);
    }
  }

  /** Adds one to an account's version, and has all caches forget it. */
  long write(long account) throws SQLException {
    try (Connection connection = sharded.forKey(account).getConnection()) {
      connection.setAutoCommit(false);
      long version =
          version(
              connection,
              "UPDATE accounts SET version = version + 1 WHERE id = ? RETURNING version, " + HOLD,
              account);
      versions.invalidate(account);
      connection.commit();
      return version;
    }
  }

  /** The greatest versions of all shards. */
  List<Long> greatest(int count) throws SQLException {
    return scatter
        .query(
            "SELECT version FROM accounts ORDER BY version DESC LIMIT " + count,
            row -> row.getLong(1))
        .toList();
  }

  private static long version(Connection connection, String sql, long account) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, account);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new IllegalStateException("account " + account + " is not there");
        }
        return row.getLong(1);
      }
    }
  }

  @Override
  public void close() {
    RuntimeException failed = null;
    for (AutoCloseable resource : opened) {
      try {
        resource.close();
      } catch (Exception failure) {
        failed = new IllegalStateException(resource + " could not be closed", failure);
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
