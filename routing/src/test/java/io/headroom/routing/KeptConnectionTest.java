package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that is kept while its primary ceases to be one writes nothing there any more. */
class KeptConnectionTest extends FaultTest {

  private static void insert(Connection connection, long id) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO notes VALUES (" + id + ", 'x')");
    }
  }

  private static boolean isOn(PostgresServer server, long id) throws SQLException {
    try (Connection connection = server.dataSource(postgres.database()).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT 1 FROM notes WHERE id = " + id)) {
      return row.next();
    }
  }

  private static void requireRefused(Connection kept, boolean autoCommit) throws SQLException {
    assertThatThrownBy(
            () -> {
              insert(kept, 2);
              if (!autoCommit) {
                kept.commit();
              }
            })
        .isInstanceOf(PrimaryDemotedException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whileAnotherIsThePrimary(boolean autoCommit) throws SQLException {
    try (Connection kept = fleet.dataSource().getConnection()) {
      kept.setAutoCommit(autoCommit);
      insert(kept, 1);
      first.promote(); // the old one goes on
      awaitPrimary(first);
      requireRefused(kept, autoCommit);
    }
    assertThat(isOn(primary, 2)).isFalse();
    assertThat(isOn(primary, 1)).isEqualTo(autoCommit);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whileTwoTakeWrites(boolean autoCommit) throws SQLException {
    primary.kill();
    first.promote();
    awaitPrimary(first);
    try (Connection kept = fleet.dataSource().getConnection()) {
      kept.setAutoCommit(autoCommit);
      insert(kept, 1);
      second.promote();
      Awaitility.await().until(() -> fleet.primary().equals("none"));
      requireRefused(kept, autoCommit);
    }
    assertThat(isOn(first, 2)).isFalse();
    assertThat(isOn(first, 1)).isEqualTo(autoCommit);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whileItsTimelineHasEndedAndTheNextPrimaryDoesNotAnswer(boolean autoCommit)
      throws SQLException {
    try (Connection kept = fleet.dataSource().getConnection()) {
      kept.setAutoCommit(autoCommit);
      insert(kept, 1);
      TopologyMonitor monitor = fleet.dataSource().routes().monitor();
      monitor.sawTimeline(monitor.current().timeline() + 1);
      assertThat(fleet.primary()).isEqualTo("none");
      requireRefused(kept, autoCommit);
    }
    assertThat(isOn(primary, 2)).isFalse();
    assertThat(isOn(primary, 1)).isEqualTo(autoCommit);
  }

  /** Nobody else takes writes, so it may be the primary still. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void goesOnWhileItsPrimaryAnswersNoProbe(boolean autoCommit) throws SQLException {
    try (Connection kept = fleet.dataSource().getConnection()) {
      kept.setAutoCommit(autoCommit);
      insert(kept, 1);
      primary.stop();
      Awaitility.await().until(() -> fleet.primary().equals("none"));
      primary.resume();
      insert(kept, 2);
      if (!autoCommit) {
        kept.commit();
      }
    }
    assertThat(isOn(primary, 2)).isTrue();
  }
}
