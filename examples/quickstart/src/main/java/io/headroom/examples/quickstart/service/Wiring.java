package io.headroom.examples.quickstart.service;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.GuardListener;
import io.headroom.routing.FailoverExceptionOverride;
import io.headroom.routing.NodeView;
import io.headroom.routing.ProbeThreads;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.ReplicaDataSourceBuilder;
import io.headroom.routing.RoutingListener;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * The way to the databases, bottom up: a HikariCP pool for each server, a {@link ConnectionGuard}
 * before all of them, a {@link ReplicaDataSource} for each shard, and the {@link ShardedDataSource}
 * over these. Each process has one. Thread-safe.
 */
public final class Wiring implements AutoCloseable {

  /** How many reads a second a primary takes over from its replicas: it bore them all before. */
  private static final double SPILL_PER_SECOND = 1_000;

  private final List<String> pools = new ArrayList<>();
  private final Map<String, ReplicaDataSource> shards = new LinkedHashMap<>();
  private final ConnectionGuard guard;
  private final ShardRouter<Long> router;
  private final ShardedDataSource sharded;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /**
   * Sets everything up.
   *
   * @param nodes all servers, of each shard its primary first
   * @param poolSize connections to each server
   * @param guarding hears of the pools' levels
   * @param routing hear of every shard's routing
   */
  public Wiring(
      List<Node> nodes,
      int poolSize,
      GuardListener guarding,
      List<? extends RoutingListener> routing) {
    this.guard = opened(ConnectionGuard.builder().listener(guarding).build());
    ProbeThreads probes = opened(ProbeThreads.create(nodes.size()));
    Map<String, List<Node>> byShard = new LinkedHashMap<>();
    nodes.forEach(
        node -> byShard.computeIfAbsent(node.shard(), same -> new ArrayList<>()).add(node));
    byShard.forEach(
        (shard, itsNodes) -> {
          Node primary = itsNodes.get(0);
          ReplicaDataSourceBuilder builder =
              ReplicaDataSource.builder(shard)
                  .primary(primary.name(), guarded(shard, pool(primary, poolSize)))
                  .primarySpill(SPILL_PER_SECOND)
                  .loadSignal(guard.levels()) // the pool that is named like the shard
                  .probeThreads(probes);
          for (Node replica : itsNodes.subList(1, itsNodes.size())) {
            String name = shard + "/" + replica.name();
            builder.replica(replica.name(), guarded(name, pool(replica, poolSize)));
          }
          routing.forEach(builder::listener);
          shards.put(shard, opened(builder.build()));
        });
    this.router = opened(ShardRouter.forLongs(ShardMap.of(shards.keySet())));
    this.sharded = opened(ShardedDataSource.builder(router).dataSources(shards).build());
  }

  private DataSource guarded(String name, HikariDataSource pool) {
    pools.add(name);
    return guard.protect(name, opened(pool));
  }

  private static HikariDataSource pool(Node node, int size) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(node.name());
    config.setJdbcUrl(node.url() + "&connectTimeout=2&socketTimeout=60");
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(2);
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1); // a dead replica must not stop the start
    config.setExceptionOverrideClassName(FailoverExceptionOverride.class.getName());
    return new HikariDataSource(config);
  }

  /** Says which shard a key is on. */
  public ShardRouter<Long> router() {
    return router;
  }

  /** What the application's SQL goes to. */
  public ShardedDataSource sharded() {
    return sharded;
  }

  /** What stands before the pools, and is asked at the door. */
  ConnectionGuard guard() {
    return guard;
  }

  /** The highest level of all pools, whichever is asked for: for who uses all of them. */
  LoadSignal ofAllPools() {
    return all ->
        pools.stream()
            .map(guard.levels()::level)
            .max(Comparator.naturalOrder())
            .orElse(LoadLevel.NORMAL);
  }

  /** The server that a shard's writes go to now. */
  public String primaryOf(String shard) {
    return Objects.requireNonNull(shards.get(shard), shard).nodes().stream()
        .filter(NodeView::primary)
        .map(NodeView::name)
        .findFirst()
        .orElse("none");
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
      throw new IllegalStateException("the data sources could not be closed", failure);
    }
  }
}
