package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a connection to the primary, and what its user hears, when things go wrong. */
@SuppressWarnings("try") // scopes are opened for their effect
class WriteHooksTest {

  private final ProbeThreads threads = ProbeThreads.create(2);
  private final SQLException broken = new SQLException("connection broke", "08006");
  private StubFleet fleet;

  @BeforeEach
  void open() {
    fleet = new StubFleet(1, threads, builder -> builder);
  }

  @AfterEach
  void nothingIsInUse() {
    fleet.close();
    threads.close();
    assertThat(fleet.borrowed()).isZero();
    for (int node = 0; node < 2; node++) {
      assertThat(fleet.node(node).load().inFlight()).isZero();
      assertThat(fleet.node(node).writers()).isEmpty();
    }
  }

  private static void execute(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("whatever");
    }
  }

  /** A connection in a transaction that has run a statement. */
  private Connection transaction() throws SQLException {
    Connection connection = fleet.dataSource().getConnection();
    connection.setAutoCommit(false);
    execute(connection);
    return connection;
  }

  private boolean wasDropped() {
    return fleet.calls.stream().anyMatch(call -> call.startsWith("a.abort"));
  }

  private void replace() {
    fleet.learn(1, NodeRole.PRIMARY, 2, 200);
  }

  @Test
  void aCommitThatBreaksMayHaveHappened() throws SQLException {
    try (Connection connection = transaction()) {
      fleet.fail("a.commit", broken);
      UnknownOutcomeException unknown =
          catchThrowableOfType(UnknownOutcomeException.class, connection::commit);
      assertThat((Throwable) unknown)
          .hasMessageContaining("the connection broke during COMMIT")
          .hasCause(broken);
      assertThat(unknown.getSQLState()).isEqualTo("08007");
    }
    assertThat(wasDropped()).isTrue();
    assertThat(fleet.dataSource().routes().counts().unknownOutcomes()).isEqualTo(1);
  }

  /** Else a break of a later statement would be taken for one of the commit. */
  @Test
  void aCommitThatTheServerRefusedDidNotHappen() throws SQLException {
    try (Connection connection = transaction()) {
      SQLException deferred = new SQLException("deferred constraint", "23505");
      fleet.fail("a.commit", deferred);
      assertThat(catchThrowable(connection::commit)).isSameAs(deferred);
      fleet.fail("a.execute", broken);
      assertThat(catchThrowable(() -> execute(connection))).isSameAs(broken);
    }
    assertThat(fleet.dataSource().routes().counts().unknownOutcomes()).isZero();
  }

  @Test
  void aStatementThatCommitsByItselfMayHaveHappened() throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      fleet.fail("a.execute", broken);
      assertThatThrownBy(() -> execute(connection))
          .isInstanceOf(UnknownOutcomeException.class)
          .hasMessageContaining("if it wrote");
    }
    assertThat(wasDropped()).isTrue();
  }

  @Test
  void aTransactionThatBreaksIsSimplyLost() throws SQLException {
    try (Connection connection = transaction()) {
      fleet.fail("a.execute", broken);
      assertThat(catchThrowable(() -> execute(connection))).isSameAs(broken);
    }
    assertThat(wasDropped()).isTrue();
    assertThat(fleet.dataSource().routes().counts().unknownOutcomes()).isZero();
  }

  @Test
  void aTransactionIsCutOffWhenItsPrimaryIsReplaced() throws SQLException {
    try (Connection connection = transaction()) {
      replace();
      assertThat(wasDropped()).isTrue();
      fleet.fail("a.execute", broken);
      assertThatThrownBy(() -> execute(connection))
          .isInstanceOf(PrimaryDemotedException.class)
          .hasCause(broken);
    }
  }

  @Test
  void nothingIsCommittedOnAPrimaryThatWasReplaced() throws SQLException {
    try (Connection connection = transaction()) {
      replace();
      PrimaryDemotedException demoted =
          catchThrowableOfType(PrimaryDemotedException.class, connection::commit);
      assertThat(demoted.getSQLState()).isEqualTo("40001");
      connection.rollback();
    }
    assertThat(fleet.made("a.commit")).isZero();
  }

  /** After the connection was taken, and before it was known whom to cut off. */
  @Test
  void aPrimaryThatIsReplacedMeanwhileGetsNoStatement() throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      fleet.fault =
          call -> {
            if (call.equals("a.setAutoCommit[false]")) {
              replace();
            }
          };
      assertThatThrownBy(() -> execute(connection)).isInstanceOf(PrimaryDemotedException.class);
      assertThat(fleet.borrowed()).as("given back at once").isZero();
      execute(connection);
    }
    assertThat(fleet.made("a.execute[whatever]")).isZero();
    assertThat(fleet.made("b.execute[whatever]")).isEqualTo(1);
  }

  @Test
  void aRefusedWriteOfThePrimaryIsTheApplicationsOwn() throws SQLException {
    SQLException refused = new SQLException("cannot execute in a read-only transaction", "25006");
    try (Connection connection = transaction()) {
      fleet.fail("a.execute", refused);
      assertThat(catchThrowable(() -> execute(connection))).isSameAs(refused);
    }
    assertThat(wasDropped()).isFalse();
  }

  @Test
  void aRefusedWriteOfADemotedPrimaryMayBeRepeated() throws SQLException {
    SQLException refused = new SQLException("cannot execute in a read-only transaction", "25006");
    try (Connection connection = transaction()) {
      fleet.server(0).is(NodeRole.REPLICA, 1, 100);
      fleet.fail("a.execute", refused);
      assertThatThrownBy(() -> execute(connection))
          .isInstanceOf(PrimaryDemotedException.class)
          .hasCause(refused);
    }
    assertThat(wasDropped()).isTrue();
  }

  @Test
  void whoIsInterruptedHearsWhatTheServerSaid() throws SQLException {
    SQLException refused = new SQLException("cannot execute in a read-only transaction", "25006");
    try (Connection connection = transaction()) {
      fleet.fail("a.execute", refused);
      CountDownLatch answering = new CountDownLatch(1);
      fleet.server(0).answering = answering;
      Thread.currentThread().interrupt();
      assertThat(catchThrowable(() -> execute(connection))).isSameAs(refused);
      assertThat(Thread.interrupted()).isTrue();
      answering.countDown();
      assertThat(refused.getSuppressed()).hasSize(1);
    }
  }

  @Test
  void onlyAWarningOfThisCommitTakesItsTrust() throws SQLException {
    SQLWarning old = new SQLWarning("canceling wait for synchronous replication");
    try (Connection connection = transaction()) {
      fleet.server(0).warning = old;
      connection.commit();
      execute(connection);
      fleet.fault =
          call -> {
            if (call.equals("a.commit")) {
              old.setNextWarning(new SQLWarning("terminating wait for synchronous replication"));
            }
          };
      assertThatThrownBy(connection::commit)
          .isInstanceOf(UnknownOutcomeException.class)
          .hasMessageContaining("terminating wait");
      fleet.fault = call -> {};
      connection.rollback();
    }
    assertThat(wasDropped()).as("the connection is sound").isFalse();
  }

  @Test
  void aFailedBatchMayHaveWritten() throws SQLException {
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope scope = request.attach();
        Connection connection = fleet.dataSource().getConnection()) {
      fleet.fail("a.execute", new SQLException("duplicate key", "23505"));
      assertThatThrownBy(() -> execute(connection)).hasMessage("duplicate key");
    }
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 100));
  }

  @Test
  void whatWasRolledBackWroteNothing() throws SQLException {
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope scope = request.attach();
        Connection connection = transaction()) {
      connection.rollback();
    }
    assertThat(request.token().isEmpty()).isTrue();
  }
}
