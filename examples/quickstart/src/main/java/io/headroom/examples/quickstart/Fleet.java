package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Node;
import io.headroom.examples.quickstart.service.Wiring;
import io.headroom.guard.GuardListener;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The servers: four shards, each a PostgreSQL primary with a replica, the one that will fail over
 * with two, and a Redis; and this process's {@link Wiring} to them, by which it loads and checks.
 */
final class Fleet implements AutoCloseable {

  static final int SHARDS = 4;

  /** The shard whose primary will be killed: each of its commits waits for one of two replicas. */
  static final int FAILING = 2;

  private static final int POOL_SIZE = 4;

  private final PostgresCluster cluster;
  private final RedisServer redis;
  private final Wiring wiring;

  private Fleet(PostgresCluster cluster, RedisServer redis, Wiring wiring) {
    this.cluster = cluster;
    this.redis = redis;
    this.wiring = wiring;
  }

  /** Starts everything. */
  static Fleet start() {
    PostgresCluster cluster =
        PostgresCluster.builder().primaries(SHARDS).replicas(1).replicas(FAILING, 2).start();
    RedisServer redis = null;
    try {
      PostgresServer failing = cluster.server(FAILING);
      failing.synchronousReplicas(1, cluster.replicasOf(failing).toArray(new PostgresServer[0]));
      redis = RedisServer.start();
      return new Fleet(
          cluster, redis, new Wiring(nodes(cluster), POOL_SIZE, new GuardListener() {}, List.of()));
    } catch (RuntimeException | Error failure) {
      if (redis != null) {
        redis.close();
      }
      cluster.close();
      throw failure;
    }
  }

  static String shard(int number) {
    return "shard-" + number;
  }

  Wiring wiring() {
    return wiring;
  }

  ShardRouter<Long> router() {
    return wiring.router();
  }

  ShardedDataSource sharded() {
    return wiring.sharded();
  }

  /** What caches share. */
  RedisServer redis() {
    return redis;
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
    return wiring.primaryOf(shard);
  }

  /** The servers as they were started, of each shard its primary first. */
  List<Node> nodes() {
    return nodes(cluster);
  }

  private static List<Node> nodes(PostgresCluster cluster) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < SHARDS; i++) {
      PostgresServer primary = cluster.server(i);
      nodes.add(new Node(shard(i), primary.name(), primary.jdbcUrl()));
      for (PostgresServer replica : cluster.replicasOf(primary)) {
        nodes.add(new Node(shard(i), replica.name(), replica.jdbcUrl()));
      }
    }
    return nodes;
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

  @Override
  public void close() {
    try {
      wiring.close();
    } finally {
      redis.close();
      cluster.close();
    }
  }
}
