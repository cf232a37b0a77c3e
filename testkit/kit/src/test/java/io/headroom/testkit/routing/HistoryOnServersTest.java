package io.headroom.testkit.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.testkit.routing.HistoryViolation.Promise;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real servers, of which a replica lags: judged right where they are, and wrong where not. */
@SuppressWarnings("try") // scopes are opened for their effect
class HistoryOnServersTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1);

  private static final int CLIENTS = 3;
  private static final int ROUNDS = 15;

  private final HistoryRecorder history = HistoryRecorder.create();

  /** How a client gets at its data. */
  private interface Store {
    Connection toWrite() throws SQLException;

    Connection toRead() throws SQLException;
  }

  @BeforeEach
  void createTable() throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS carts");
      statement.execute("CREATE TABLE carts (owner text PRIMARY KEY, version bigint NOT NULL)");
      statement.execute("INSERT INTO carts SELECT 'client-' || i, 0 FROM generate_series(0, 9) i");
    }
    replica().awaitReplayOf(postgres.server(0));
    replica().applyDelay(Duration.ofMillis(200));
  }

  @AfterEach
  void heal() {
    postgres.heal();
  }

  private static PostgresServer replica() {
    return postgres.replicasOf(0).get(0);
  }

  @Test
  void whoeverIsRoutedSeesItsOwnWrites() throws Exception {
    DataSource copy = replica().dataSource(postgres.database());
    try (ReplicaDataSource orders =
        ReplicaDataSource.builder("orders")
            .primary("a", postgres.dataSource(0))
            .replica("b", copy)
            .primarySpill(10_000)
            .build()) {
      play(
          new Store() {
            @Override
            public Connection toWrite() throws SQLException {
              return orders.getConnection();
            }

            @Override
            public Connection toRead() throws SQLException {
              Connection connection = orders.getConnection();
              connection.setReadOnly(true);
              return connection;
            }
          });
    }
    HistoryChecker.of(history).verify();
    assertThat(history.operations()).hasSize(2 * CLIENTS * ROUNDS);
  }

  @Test
  void whoeverReadsAnyReplicaDoesNotAndIsFoundOut() throws Exception {
    DataSource primary = postgres.dataSource(0);
    DataSource copy = replica().dataSource(postgres.database());
    play(
        new Store() {
          @Override
          public Connection toWrite() throws SQLException {
            return primary.getConnection();
          }

          @Override
          public Connection toRead() throws SQLException {
            return copy.getConnection();
          }
        });
    assertThat(HistoryChecker.of(history).violations())
        .extracting(HistoryViolation::promise)
        .contains(Promise.READ_YOUR_WRITES)
        .doesNotContain(Promise.NO_LOST_WRITE, Promise.NO_INVENTED_VERSION);
    assertThatThrownBy(() -> HistoryChecker.of(history).verify())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("READ_YOUR_WRITES");
  }

  private void play(Store store) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        String name = "client-" + client;
        all.add(
            clients.submit(
                () -> {
                  RequestContext session = RequestContext.builder().build();
                  try (RequestContext.Scope scope = session.attach()) {
                    for (long version = 1; version <= ROUNDS; version++) {
                      write(store, name, version);
                      read(store, name);
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      clients.shutdownNow();
    }
    for (int client = 0; client < CLIENTS; client++) {
      try (Connection connection = postgres.dataSource(0).getConnection()) {
        history.endsWith("client-" + client, versionOf(connection, "client-" + client));
      }
    }
  }

  private void write(Store store, String client, long version) throws SQLException {
    PendingWrite write = history.write(client, client, version);
    try (Connection connection = store.toWrite();
        PreparedStatement update =
            connection.prepareStatement("UPDATE carts SET version = ? WHERE owner = ?")) {
      update.setLong(1, version);
      update.setString(2, client);
      update.executeUpdate();
    }
    write.acknowledged();
  }

  private void read(Store store, String client) throws SQLException {
    PendingRead read = history.read(client, client);
    try (Connection connection = store.toRead()) {
      read.returned(versionOf(connection, client));
    }
  }

  private static long versionOf(Connection connection, String client) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT version FROM carts WHERE owner = ?")) {
      select.setString(1, client);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }
}
