package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A missing answer is told as such, and no answer that came is. */
class UnknownOutcomeTest extends FaultTest {

  private static final String REMOTE_IS_GONE =
      "DO $$ BEGIN RAISE 'could not connect to server' USING ERRCODE = '08006'; END $$";

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static SQLException failureOf(Connection connection, String sql) {
    return catchThrowableOfType(SQLException.class, () -> execute(connection, sql));
  }

  private void atCommit(String action) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      execute(
          connection,
          "CREATE OR REPLACE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS"
              + " $$ BEGIN "
              + action
              + "; RETURN NULL; END $$");
      execute(
          connection,
          "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON notes"
              + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()");
    }
  }

  private void nothingAtCommit() throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      execute(connection, "DROP TRIGGER at_commit ON notes");
    }
  }

  private boolean isDoubted(String name) {
    return fleet.dataSource().routes().nodes().stream()
        .anyMatch(node -> node.name().equals(name) && node.isDoubted());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServersOwnErrorOfClass08IsAnAnswer(boolean autoCommit) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(autoCommit);
      SQLException failure = failureOf(connection, REMOTE_IS_GONE);
      assertThat(failure.getSQLState()).isEqualTo("08006");
      assertThat(isDoubted(primary.name())).as("the node is blamed").isFalse();
    }
  }

  @Test
  void anErrorInAnswerToACommitIsAnAnswer() throws SQLException {
    atCommit("RAISE 'could not connect to server' USING ERRCODE = '08006'");
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "INSERT INTO notes VALUES (1, 'x')");
      SQLException failure = catchThrowableOfType(SQLException.class, connection::commit);
      assertThat(failure.getSQLState()).isEqualTo("08006");
      assertThat(isDoubted(primary.name())).as("the node is blamed").isFalse();
    } finally {
      nothingAtCommit();
    }
    assertThat(fleet.sees(1)).isFalse();
  }

  /** The server may commit and then end the session, before the driver has read that it did. */
  @Test
  void aSessionThatEndsDuringACommitLeavesItUnknown() throws SQLException {
    atCommit("PERFORM pg_terminate_backend(pg_backend_pid())");
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "INSERT INTO notes VALUES (1, 'x')");
      SQLException failure = catchThrowableOfType(SQLException.class, connection::commit);
      assertThat((Throwable) failure).isInstanceOf(UnknownOutcomeException.class);
    } finally {
      nothingAtCommit();
    }
  }

  /**
   * Cut off by another thread, say, before it could be asked whether the commit came with doubts.
   */
  @Test
  void aConnectionThatIsClosedJustAfterACommitLeavesItUnknown() throws SQLException {
    Routes routes = fleet.dataSource().routes();
    Node node = routes.nodes().get(0);
    try (Connection physical = primary.dataSource(postgres.database()).getConnection()) {
      WriteHooks hooks = new WriteHooks(routes, node, node.sample());
      physical.setAutoCommit(false);
      execute(physical, "INSERT INTO notes VALUES (1, 'x')");
      node.load().began();
      hooks.onBound(physical);
      hooks.beforeCommit(physical);
      physical.commit();
      physical.abort(Runnable::run);
      SQLException failure =
          catchThrowableOfType(SQLException.class, () -> hooks.onCommitted(physical));
      assertThat((Throwable) failure).isInstanceOf(UnknownOutcomeException.class);
      hooks.onClose();
    }
    first.awaitReplayOf(primary);
    second.awaitReplayOf(primary);
    assertThat(fleet.sees(1)).isTrue();
  }

  @Test
  void aCommitOnAConnectionThatHadBeenLostWasNeverSent() throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "INSERT INTO notes VALUES (1, 'x')");
      SQLException lost =
          failureOf(connection, "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(10)");
      assertThat((Throwable) lost).isNotInstanceOf(UnknownOutcomeException.class);
      SQLException commit = catchThrowableOfType(SQLException.class, connection::commit);
      assertThat((Throwable) commit).isNotInstanceOf(UnknownOutcomeException.class);
    }
    assertThat(fleet.sees(1)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasClosedBeforeWasNeverSent(boolean autoCommit) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(autoCommit);
      if (!autoCommit) {
        execute(connection, "INSERT INTO notes VALUES (1, 'x')");
      }
      connection.unwrap(org.postgresql.jdbc.PgConnection.class).abort(Runnable::run);
      SQLException failure =
          autoCommit
              ? failureOf(connection, "INSERT INTO notes VALUES (1, 'x')")
              : catchThrowableOfType(SQLException.class, connection::commit);
      assertThat(failure.getSQLState()).isEqualTo("08003");
      assertThat((Throwable) failure).isNotInstanceOf(UnknownOutcomeException.class);
      assertThat(isDoubted(primary.name())).as("the node is blamed").isFalse();
    }
    assertThat(fleet.sees(1)).isFalse();
  }
}
