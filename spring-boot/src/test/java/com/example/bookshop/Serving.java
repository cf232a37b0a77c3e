package com.example.bookshop;

import io.headroom.routing.ReplicaDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;

/** What an application's file says of servers, as it is in a test. */
final class Serving {

  private Serving() {}

  static Map<String, String> by(PostgresExtension postgres, RedisServer redis) {
    Map<String, String> overrides = new HashMap<>();
    overrides.put("headroom.database.username", "postgres");
    overrides.put("headroom.database.primary.url", url(postgres, postgres.server(0)));
    overrides.put("headroom.database.replicas.b.url", url(postgres, postgres.replicasOf(0).get(0)));
    overrides.put("headroom.database.replicas.c.url", url(postgres, postgres.replicasOf(0).get(1)));
    overrides.put("headroom.redis.uri", redis.uri());
    overrides.put("BOOKSHOP_DB_PASSWORD", "none");
    overrides.put("BOOKSHOP_TOKEN_KEY", "no more than an example");
    return overrides;
  }

  private static String url(PostgresExtension postgres, PostgresServer server) {
    return server.jdbcUrl(postgres.database()) + "&socketTimeout=5&connectTimeout=1";
  }

  static void makeTables(PostgresExtension postgres) throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE author (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)");
    }
  }

  /** Until both replicas have all that the primary has, as far as the application knows. */
  static void awaitCaughtUp(RunningBookshop shop, PostgresExtension postgres) {
    postgres.replicasOf(0).forEach(replica -> replica.awaitReplayOf(postgres.server(0)));
    Awaitility.await()
        .until(
            () ->
                shop.bean(ReplicaDataSource.class).nodes().stream()
                    .allMatch(node -> node.lag().map(Duration::isZero).orElse(false)));
  }
}
