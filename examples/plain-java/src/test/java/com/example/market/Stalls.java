package com.example.market;

import io.headroom.TokenSigner;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongPredicate;
import javax.sql.DataSource;

/** The market's tables on the servers of a test, with some stalls. */
final class Stalls {

  static final int COUNT = 20;

  static final TokenSigner SIGNER =
      TokenSigner.builder()
          .signingKey(1, "no more than an example".getBytes(StandardCharsets.UTF_8))
          .build();

  private Stalls() {}

  static void make(DataSource database, LongPredicate here) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO stall VALUES (?, ?, 10)");
        InputStream schema = Market.class.getResourceAsStream("schema.sql")) {
      statement.execute(
          new String(Objects.requireNonNull(schema).readAllBytes(), StandardCharsets.UTF_8));
      for (long stall = 0; stall < COUNT; stall++) {
        if (here.test(stall)) {
          insert.setLong(1, stall);
          insert.setString(2, "stall " + stall);
          insert.executeUpdate();
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** URLs of a server and its replicas, the primary's first. */
  static List<String> urls(PostgresExtension postgres, int primary) {
    List<PostgresServer> servers = new ArrayList<>(List.of(postgres.server(primary)));
    servers.addAll(postgres.replicasOf(primary));
    return servers.stream()
        .map(server -> server.jdbcUrl(postgres.database()) + "&connectTimeout=1&socketTimeout=5")
        .toList();
  }

  static void awaitReplicas(PostgresExtension postgres, int primary) {
    postgres
        .replicasOf(primary)
        .forEach(replica -> replica.awaitReplayOf(postgres.server(primary)));
  }
}
