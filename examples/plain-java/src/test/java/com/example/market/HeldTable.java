package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** Somebody has locked the stalls, and as many visitors as there are connections wait for him. */
final class HeldTable implements AutoCloseable {

  private final Connection locker;
  private final List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();

  private HeldTable(Connection locker) {
    this.locker = locker;
  }

  static HeldTable by(PostgresExtension postgres, Function<String, Visitor> visitors)
      throws SQLException {
    Connection locker = postgres.dataSource(0).getConnection();
    HeldTable held = new HeldTable(locker);
    locker.setAutoCommit(false);
    try (Statement statement = locker.createStatement()) {
      statement.execute("LOCK TABLE stall IN ACCESS EXCLUSIVE MODE");
    }
    for (int i = 0; i < Pools.SIZE; i++) {
      held.waiting.add(visitors.apply("early " + i).getLater("/stalls/1"));
    }
    Awaitility.await().until(() -> blocked(postgres) == Pools.SIZE);
    return held;
  }

  private static int blocked(PostgresExtension postgres) throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'")) {
      row.next();
      return row.getInt(1);
    }
  }

  /** All who wait are served. */
  void letGo() throws SQLException {
    locker.rollback();
    assertThat(waiting).allMatch(visitor -> visitor.join().statusCode() == 200);
  }

  @Override
  public void close() throws SQLException {
    locker.close();
  }
}
