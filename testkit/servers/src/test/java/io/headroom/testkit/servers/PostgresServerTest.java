package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresServerTest {

  private static final PostgresCluster cluster =
      PostgresCluster.builder().primaries(2).setting("work_mem", "3MB").start();
  private static final PostgresServer server = cluster.server(0);

  @AfterAll
  static void close() {
    cluster.close();
  }

  @BeforeEach
  void heal() {
    server.revive();
  }

  @Test
  void settingsOfTheBuilderAreEveryServersAndThoseOfAServerItsOwn() {
    server.set("maintenance_work_mem", "7MB");
    assertThat(query(server, "SHOW maintenance_work_mem")).isEqualTo("7MB");
    assertThat(query(cluster.server(1), "SHOW maintenance_work_mem")).isNotEqualTo("7MB");
    assertThat(query(server, "SHOW work_mem")).isEqualTo("3MB");
    assertThat(query(cluster.server(1), "SHOW work_mem")).isEqualTo("3MB");
    assertThat(query(server, "SHOW wal_level")).isEqualTo("logical");
  }

  @Test
  void aSettingTheServerDoesNotKnowIsRefused() {
    assertThatThrownBy(() -> server.set("no_such_setting", "1"))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("postgres-0")
        .hasMessageContaining("no_such_setting");
  }

  @Test
  void aStoppedServerHangsInOpenConnectionsToo() throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      server.stop();
      assertThat(server.isRunning()).isTrue();
      assertThat(server.toString()).contains("stopped");
      CompletableFuture<Boolean> answer =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return statement.execute("SELECT 1");
                } catch (SQLException failure) {
                  throw new IllegalStateException(failure);
                }
              },
              threads);
      assertThat(connectsWithin(1)).isFalse();
      assertThat(answer).isNotDone();
      server.resume();
      assertThat(answer.get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(server.toString()).doesNotContain("stopped");
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void killingAndRestartingKeepsPortAndCommittedData() throws SQLException {
    int port = server.port();
    try (Connection connection = server.createDatabase("Kept \"one\"").getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE item AS SELECT 1 AS id");
      server.kill();
      assertThat(connection.isValid(1)).isFalse();
    }
    assertThat(server.isRunning()).isFalse();
    assertThat(server.toString()).contains("ended");
    server.kill();
    assertThatThrownBy(server::stop).hasMessageContaining("call restart() first");
    server.restart();
    assertThat(server.port()).isEqualTo(port);
    assertThat(query(server.dataSource("Kept \"one\"").getConnection(), "TABLE item"))
        .isEqualTo("1");
    assertThat(server.log()).contains("database system was not properly shut down");
    server.dropDatabase("Kept \"one\"");
  }

  @Test
  void restartingARunningOrStoppedServerShutsItDownInOrder() {
    server.set("max_connections", "42");
    server.restart();
    assertThat(query(server, "SHOW max_connections")).isEqualTo("42");
    server.stop();
    server.restart();
    assertThat(query(server, "SELECT 1")).isEqualTo("1");
    assertThat(server.log()).contains("database system is shut down");
  }

  @Test
  void aServerThatDoesNotStartShowsCommandAndLog() {
    assertThatThrownBy(() -> PostgresCluster.builder().setting("work_mem", "plenty").start())
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("ended with status 1")
        .hasMessageContaining("bin/postgres -D ")
        .hasMessageContaining("invalid value for parameter \"work_mem\": \"plenty\"");
  }

  private static boolean connectsWithin(int seconds) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(server.jdbcUrl());
    source.setConnectTimeout(seconds);
    source.setLoginTimeout(seconds);
    try (Connection connection = source.getConnection()) {
      return connection.isValid(seconds);
    } catch (SQLException hanging) {
      return false;
    }
  }

  private static String query(PostgresServer server, String sql) {
    try {
      return query(server.dataSource().getConnection(), sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
