package io.headroom.benchmarks.soak;

import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Two shards of three PostgreSQL servers each, every commit of which waits for another server, and
 * a Redis. Who is primary changes; the servers of a shard stay.
 */
final class SoakServers implements AutoCloseable {
  static final int SHARDS = 2;

  private final PostgresCluster cluster;
  private final RedisServer redis;
  private final Map<String, List<PostgresServer>> shards = new LinkedHashMap<>();
  private final Map<String, PostgresServer> primaries = new LinkedHashMap<>();

  private SoakServers(PostgresCluster cluster, RedisServer redis) {
    this.cluster = cluster;
    this.redis = redis;
  }

  static SoakServers start() {
    PostgresCluster cluster = PostgresCluster.builder().primaries(SHARDS).replicas(2).start();
    RedisServer redis = null;
    try {
      redis = RedisServer.start();
      SoakServers servers = new SoakServers(cluster, redis);
      servers.group();
      return servers;
    } catch (RuntimeException | Error failure) {
      if (redis != null) {
        redis.close();
      }
      cluster.close();
      throw failure;
    }
  }

  private void group() {
    for (PostgresServer primary : cluster.primaries()) {
      String shard = "shard-" + shards.size();
      List<PostgresServer> all = new ArrayList<>(List.of(primary));
      all.addAll(cluster.replicasOf(primary));
      shards.put(shard, all);
      primaries.put(shard, primary);
      all.forEach(server -> commitSynchronously(shard, server));
    }
  }

  /** Has a server wait for one of the two others whenever it is the primary. */
  private void commitSynchronously(String shard, PostgresServer server) {
    server.set(
        "synchronous_standby_names",
        servers(shard).stream()
            .filter(other -> !other.equals(server))
            .map(other -> '"' + other.name() + '"')
            .collect(Collectors.joining(", ", "ANY 1 (", ")")));
  }

  /** The servers of a shard, its first primary first. */
  List<PostgresServer> servers(String shard) {
    return Objects.requireNonNull(shards.get(shard), shard);
  }

  List<String> shards() {
    return List.copyOf(shards.keySet());
  }

  /** Who is primary now. */
  PostgresServer primary(String shard) {
    return Objects.requireNonNull(primaries.get(shard), shard);
  }

  List<PostgresServer> replicas(String shard) {
    PostgresServer primary = primary(shard);
    return servers(shard).stream().filter(server -> !server.equals(primary)).toList();
  }

  RedisServer redis() {
    return redis;
  }

  /** Kills a shard's primary and promotes the replica that has most. */
  PostgresServer failOver(String shard) {
    PostgresServer old = primary(shard);
    primaries.put(shard, old.failOver());
    return old;
  }

  /** Makes a server that was primary a replica of the one that is. */
  void rejoin(String shard, PostgresServer old) {
    old.recloneFrom(primary(shard));
    commitSynchronously(shard, old);
  }

  /** The versions of all accounts, as the primaries have them, past everything that is soaked. */
  Map<Long, Long> versions() throws SQLException {
    Map<Long, Long> versions = new HashMap<>();
    for (PostgresServer primary : primaries.values()) {
      try (Connection connection = primary.dataSource().getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT id, version FROM accounts")) {
        while (rows.next()) {
          versions.put(rows.getLong(1), rows.getLong(2));
        }
      }
    }
    return versions;
  }

  /** Does something in SQL on a server, whoever it is. */
  static void execute(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    redis.close();
    cluster.close();
  }
}
