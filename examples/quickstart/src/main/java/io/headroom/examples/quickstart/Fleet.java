package io.headroom.examples.quickstart;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Four PostgreSQL servers, a HikariCP pool for each, and the sharded data source over them. */
final class Fleet implements AutoCloseable {

  static final int SHARDS = 4;

  private final PostgresCluster cluster;
  private final Map<String, HikariDataSource> pools;
  private final ShardRouter<Long> router;
  private final ShardedDataSource sharded;

  private Fleet(PostgresCluster cluster, int poolSize) {
    this.cluster = cluster;
    this.pools = new LinkedHashMap<>();
    for (int i = 0; i < SHARDS; i++) {
      String shard = "shard-" + i;
      pools.put(shard, pool(shard, cluster.server(i), poolSize));
    }
    this.router = ShardRouter.forLongs(ShardMap.of(pools.keySet()));
    this.sharded = ShardedDataSource.builder(router).dataSources(pools).build();
  }

  static Fleet start(int poolSize) {
    PostgresCluster cluster = PostgresCluster.start(SHARDS);
    try {
      return new Fleet(cluster, poolSize);
    } catch (RuntimeException | Error failure) {
      cluster.close();
      throw failure;
    }
  }

  ShardRouter<Long> router() {
    return router;
  }

  ShardedDataSource sharded() {
    return sharded;
  }

  /** The server and port of each shard, for a person who wants to look with psql. */
  Map<String, String> addresses() {
    Map<String, String> addresses = new LinkedHashMap<>();
    int number = 0;
    for (String shard : pools.keySet()) {
      addresses.put(shard, "127.0.0.1:" + cluster.server(number++).port());
    }
    return addresses;
  }

  private static HikariDataSource pool(String shard, PostgresServer server, int size) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(shard);
    config.setJdbcUrl(server.jdbcUrl());
    config.setMaximumPoolSize(size);
    config.setConnectionTimeout(5_000);
    return new HikariDataSource(config);
  }

  @Override
  public void close() {
    sharded.close();
    router.close();
    pools.values().forEach(HikariDataSource::close);
    cluster.close();
  }
}
