package io.headroom.examples.quickstart;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.routing.FailoverExceptionOverride;
import io.headroom.routing.NodeView;
import io.headroom.routing.ProbeThreads;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.ReplicaDataSourceBuilder;
import io.headroom.routing.RoutingListener;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Four shards, each a PostgreSQL primary with a replica, the one that will fail over with two: a
 * HikariCP pool for each server, a {@link ReplicaDataSource} for each shard, and the sharded data
 * source over them.
 */
final class Fleet implements AutoCloseable {

  static final int SHARDS = 4;

  /** The shard whose primary will be killed: each of its commits waits for one of two replicas. */
  static final int FAILING = 2;

  /** How many reads a second a primary takes over from its replicas: it bore them all before. */
  private static final double SPILL_PER_SECOND = 1_000;

  private final PostgresCluster cluster;
  private final Map<String, ReplicaDataSource> shards = new LinkedHashMap<>();
  private final ShardRouter<Long> router;
  private final ShardedDataSource sharded;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private Fleet(
      PostgresCluster cluster,
      int poolSize,
      Function<String, List<? extends RoutingListener>> listeners) {
    this.cluster = cluster;
    ProbeThreads probes = opened(ProbeThreads.create(cluster.servers().size()));
    for (int i = 0; i < SHARDS; i++) {
      String shard = shard(i);
      PostgresServer primary = cluster.server(i);
      ReplicaDataSourceBuilder builder =
          ReplicaDataSource.builder(shard)
              .primary(primary.name(), opened(pool(primary, poolSize)))
              .primarySpill(SPILL_PER_SECOND)
              .probeThreads(probes);
      for (PostgresServer replica : cluster.replicasOf(primary)) {
        builder.replica(replica.name(), opened(pool(replica, poolSize)));
      }
      listeners.apply(shard).forEach(builder::listener);
      shards.put(shard, opened(builder.build()));
    }
    this.router = opened(ShardRouter.forLongs(ShardMap.of(shards.keySet())));
    this.sharded = opened(ShardedDataSource.builder(router).dataSources(shards).build());
  }

  /**
   * Starts everything.
   *
   * @param poolSize connections to each server
   * @param listeners hear of a shard's routing
   */
  static Fleet start(int poolSize, Function<String, List<? extends RoutingListener>> listeners) {
    PostgresCluster cluster =
        PostgresCluster.builder().primaries(SHARDS).replicas(1).replicas(FAILING, 2).start();
    try {
      PostgresServer failing = cluster.server(FAILING);
      failing.synchronousReplicas(1, cluster.replicasOf(failing).toArray(new PostgresServer[0]));
      return new Fleet(cluster, poolSize, listeners);
    } catch (RuntimeException | Error failure) {
      cluster.close();
      throw failure;
    }
  }

  static String shard(int number) {
    return "shard-" + number;
  }

  ShardRouter<Long> router() {
    return router;
  }

  ShardedDataSource sharded() {
    return sharded;
  }

  /** The server that was started as a shard's primary. */
  PostgresServer server(int shard) {
    return cluster.server(shard);
  }

  List<PostgresServer> replicasOf(PostgresServer primary) {
    return cluster.replicasOf(primary);
  }

  /** The server that a shard's writes go to now. */
  String primaryOf(String shard) {
    return Objects.requireNonNull(shards.get(shard), shard).nodes().stream()
        .filter(NodeView::primary)
        .map(NodeView::name)
        .findFirst()
        .orElse("none");
  }

  /** The servers of each shard, for a person who wants to look with psql. */
  Map<String, String> addresses() {
    Map<String, String> addresses = new LinkedHashMap<>();
    for (int i = 0; i < SHARDS; i++) {
      PostgresServer primary = cluster.server(i);
      addresses.put(
          shard(i),
          String.format(
              Locale.ROOT,
              "127.0.0.1:%d, replica at %s%s",
              primary.port(),
              cluster.replicasOf(primary).stream()
                  .map(replica -> Integer.toString(replica.port()))
                  .collect(Collectors.joining(" and ")),
              i == FAILING ? ", commits wait for ANY 1 of them" : ""));
    }
    return addresses;
  }

  private static HikariDataSource pool(PostgresServer server, int size) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(server.name());
    config.setJdbcUrl(server.jdbcUrl() + "&connectTimeout=2&socketTimeout=60");
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(2);
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1); // a dead replica must not stop the start
    config.setExceptionOverrideClassName(FailoverExceptionOverride.class.getName());
    return new HikariDataSource(config);
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  @Override
  public void close() {
    try {
      for (AutoCloseable resource : opened) {
        resource.close();
      }
    } catch (Exception failure) {
      throw new IllegalStateException("the fleet could not be closed", failure);
    } finally {
      cluster.close();
    }
  }
}
