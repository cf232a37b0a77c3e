package com.example.market.growth;

import com.example.market.Market;
import io.headroom.TokenSigner;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;

/**
 * Two PostgreSQL primaries with two replicas each, and a Redis. The market of the stages without
 * shards is on the first primary, that of the others on both.
 */
final class Servers implements AutoCloseable {

  static final int STALLS = 500;

  /** How long looking at a stall takes, in the database. */
  static final int WORK_MILLIS = 50;

  private static final Duration UNTIL_SESSIONS_END = Duration.ofSeconds(30);

  static final List<String> SHARDS = List.of("east", "west");

  private static final String ONE = "one";
  private static final String SHARDED = "sharded";

  private final PostgresCluster cluster;
  private final RedisServer redis;

  /** Of each shard, as they were started: the primary first. */
  private final List<List<PostgresServer>> servers = new ArrayList<>();

  private final ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of(SHARDS));

  Servers() throws SQLException {
    cluster =
        PostgresCluster.builder()
            .primaries(SHARDS.size())
            .replicas(2)
            .setting("track_functions", "pl")
            .start();
    redis = RedisServer.start();
    for (PostgresServer primary : cluster.primaries()) {
      List<PostgresServer> all = new ArrayList<>(List.of(primary));
      all.addAll(cluster.replicasOf(primary));
      servers.add(all);
    }
    load(cluster.server(0), ONE, stall -> true);
    for (int i = 0; i < SHARDS.size(); i++) {
      String shard = SHARDS.get(i);
      load(cluster.server(i), SHARDED, stall -> shardOf(stall).equals(shard));
    }
    awaitReplicas();
  }

  private static void load(PostgresServer server, String database, LongPredicate here)
      throws SQLException {
    try (Connection connection = server.createDatabase(database).getConnection();
        Statement statement = connection.createStatement();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO stall VALUES (?, ?, 1000000)")) {
      statement.execute(schema());
      statement.execute(
          "CREATE FUNCTION takes(millis integer) RETURNS boolean LANGUAGE plpgsql COST 1000000"
              + " AS 'BEGIN PERFORM pg_sleep(millis / 1000.0); RETURN true; END'");
      statement.execute(
          "CREATE OR REPLACE VIEW stall_page AS SELECT stall_id, name, stock FROM stall WHERE"
              + " takes("
              + WORK_MILLIS
              + ")");
      for (long stall = 0; stall < STALLS; stall++) {
        if (here.test(stall)) {
          insert.setLong(1, stall);
          insert.setString(2, "stall " + stall);
          insert.addBatch();
        }
      }
      insert.executeBatch();
      statement.execute("ANALYZE");
    }
  }

  private static String schema() {
    try (InputStream file = Market.class.getResourceAsStream("schema.sql")) {
      return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  String shardOf(long stall) {
    return router.shardFor(stall).id();
  }

  /** URLs of the one market, the primary's first. */
  List<String> one() {
    return urls(0, ONE);
  }

  /** URLs of the market on shards, of each the primary's first. */
  Map<String, List<String>> sharded() {
    Map<String, List<String>> urls = new LinkedHashMap<>();
    for (int i = 0; i < SHARDS.size(); i++) {
      urls.put(SHARDS.get(i), urls(i, SHARDED));
    }
    return urls;
  }

  private List<String> urls(int primary, String database) {
    return servers.get(primary).stream()
        .map(server -> server.jdbcUrl(database) + "&connectTimeout=1&socketTimeout=30")
        .toList();
  }

  /** Signs what clients have seen, with a key that all processes have. */
  TokenSigner signer() {
    return TokenSigner.builder()
        .signingKey(1, "no more than an example".getBytes(StandardCharsets.UTF_8))
        .build();
  }

  String redisUri() {
    return redis.uri();
  }

  PostgresServer primary(int number) {
    return servers.get(number).get(0);
  }

  List<PostgresServer> replicas(int primary) {
    return servers.get(primary).subList(1, servers.get(primary).size());
  }

  /** What a stage is measured on: all servers run as at the start, and Redis is empty. */
  void heal() {
    cluster.heal();
    redis.flush();
    awaitReplicas();
  }

  /** Starts what was killed, so that it can be asked. */
  void running() {
    cluster.servers().stream()
        .filter(server -> !server.isRunning())
        .forEach(PostgresServer::restart);
  }

  private void awaitReplicas() {
    for (int i = 0; i < servers.size(); i++) {
      PostgresServer primary = primary(i);
      replicas(i).forEach(replica -> replica.awaitReplayOf(primary));
    }
  }

  /** How often the first primary and its replicas have looked at a stall of the one market. */
  List<Long> looks() throws SQLException {
    List<Long> looks = new ArrayList<>();
    for (PostgresServer server : servers.get(0)) {
      looks.add(looks(server));
    }
    return looks;
  }

  private static long looks(PostgresServer server) throws SQLException {
    try (Connection connection = server.dataSource(ONE).getConnection()) {
      awaitSessionsEnd(server, connection);
      return number(connection, "SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions");
    }
  }

  /** Sessions bring their counts when they end. */
  private static void awaitSessionsEnd(PostgresServer server, Connection connection)
      throws SQLException {
    long last = System.nanoTime() + UNTIL_SESSIONS_END.toNanos();
    for (String pids = sessions(connection); !pids.isEmpty(); pids = sessions(connection)) {
      if (System.nanoTime() - last > 0) {
        throw new IllegalStateException(
            server.name()
                + ": sessions in database '"
                + ONE
                + "' have not ended after "
                + UNTIL_SESSIONS_END.toSeconds()
                + " s, though the stage was closed: backends "
                + pids);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  /** Process ids of the others that are connected to this database. */
  private static String sessions(Connection connection) throws SQLException {
    return asked(
        connection,
        "SELECT coalesce(string_agg(pid::text, ', '), '') FROM pg_stat_activity"
            + " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        row -> row.getString(1));
  }

  private static long number(Connection connection, String sql) throws SQLException {
    return asked(connection, sql, row -> row.getLong(1));
  }

  private static <T> T asked(Connection connection, String sql, Column<T> column)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return column.of(row);
    }
  }

  @FunctionalInterface
  private interface Column<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** How many stalls are on the primary that has most of them. */
  long mostStalls(Stage stage) throws SQLException {
    if (!stage.isSharded()) {
      return stalls(0, ONE);
    }
    long most = 0;
    for (int i = 0; i < SHARDS.size(); i++) {
      most = Math.max(most, stalls(i, SHARDED));
    }
    return most;
  }

  private long stalls(int primary, String database) throws SQLException {
    try (Connection connection = cluster.server(primary).dataSource(database).getConnection()) {
      return number(connection, "SELECT count(*) FROM stall");
    }
  }

  @Override
  public void close() {
    router.close();
    redis.close();
    cluster.close();
  }
}
