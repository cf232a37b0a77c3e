package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the failures of reads say of the node that they ran on. */
@SuppressWarnings("try") // scopes are opened for their effect
class ReadHooksTest {

  private final ProbeThreads threads = ProbeThreads.create(2);
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private StubFleet fleet;

  @BeforeEach
  void open() {
    fleet =
        new StubFleet(
            1,
            threads,
            builder ->
                builder.listener(
                    new RoutingListener() {
                      @Override
                      public void onEjected(String cluster, String node, long nanos) {
                        heard.add("ejected " + node);
                      }

                      @Override
                      public void onReturned(String cluster, String node) {
                        heard.add("returned " + node);
                      }
                    }));
  }

  @AfterEach
  void everythingWasGivenBack() {
    fleet.close();
    threads.close();
    assertThat(fleet.borrowed()).isZero();
  }

  private void read(boolean autoCommit, int isolation) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(autoCommit);
      connection.setTransactionIsolation(isolation);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
      }
      if (!autoCommit) {
        connection.rollback();
      }
    }
  }

  private void read() throws SQLException {
    read(true, Connection.TRANSACTION_READ_COMMITTED);
  }

  /** Five are enough for a node to be ejected. */
  private void fiveFail(int node, String message, String state) {
    fleet.fail(fleet.server(node).name + ".execute", new SQLException(message, state));
    for (int failure = 0; failure < 5; failure++) {
      assertThatThrownBy(this::read).hasMessage(message);
      fleet.probe(node);
    }
    fleet.fault = call -> {};
  }

  @Test
  void aReplicaWhoseConnectionsBreakIsEjected() {
    fiveFail(1, "I/O error", "08006");
    assertThat(heard).containsExactly("ejected b");
  }

  /** It would never return: no trial goes to a primary. */
  @Test
  void aPrimaryIsNotEjected() throws SQLException {
    RequestContext strong =
        RequestContext.builder().with(Consistency.KEY, Consistency.STRONG).build();
    try (RequestContext.Scope scope = strong.attach()) {
      fiveFail(0, "I/O error", "08006");
      read();
    }
    assertThat(heard).isEmpty();
    assertThat(fleet.dataSource().node(0).ejected()).isFalse();
  }

  @Test
  void anEjectedReplicaReturnsWithItsPromotion() {
    fiveFail(1, "I/O error", "08006");
    assertThat(fleet.dataSource().node(1).ejected()).isTrue();
    fleet.learn(1, NodeRole.PRIMARY, 2, 200);
    await().untilAsserted(() -> assertThat(heard).containsExactly("ejected b", "returned b"));
    assertThat(fleet.dataSource().node(1).ejected()).isFalse();
  }

  /** They were its own when it was a replica, and no trial would clear the primary of them. */
  @Test
  void lateFailuresFromBeforeItsPromotionEjectNoPrimary() throws SQLException {
    List<Connection> before = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Connection connection = fleet.dataSource().getConnection();
      connection.setReadOnly(true);
      connection.createStatement().execute("SELECT 1");
      before.add(connection);
    }
    fleet.learn(1, NodeRole.PRIMARY, 2, 200);
    await().until(fleet.node(1)::isPrimary);
    fleet.fail("b.execute", new SQLException("I/O error", "08006"));
    for (Connection connection : before) {
      try (connection;
          Statement statement = connection.createStatement()) {
        assertThatThrownBy(() -> statement.execute("SELECT 1")).hasMessage("I/O error");
      }
    }
    assertThat(heard).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"25P03", "25P04", "57P05", "40001"})
  void sessionsThatEndByTheServersRulesSpeakNotAgainstIt(String state) {
    fleet.fail("b.execute", new SQLException("FATAL: terminating connection", state));
    for (int ended = 0; ended < 5; ended++) {
      assertThatThrownBy(this::read).hasMessage("FATAL: terminating connection");
      assertThat(fleet.node(1).isDoubted()).isFalse();
    }
    assertThat(heard).isEmpty();
    assertThat(fleet.calls)
        .as("such a connection reaches nobody")
        .filteredOn(call -> call.startsWith("b.abort"))
        .hasSize(5);
  }

  @Test
  void aStatementThatAReplicaCancelsIsAConflict() {
    fleet.fail("b.execute", new SQLException("conflict with recovery", "40001"));
    assertThatThrownBy(this::read).hasMessage("conflict with recovery");
    assertThat(fleet.dataSource().routes().counts().conflicts(1)).isEqualTo(1);
  }

  @Test
  void aSerializationFailureOnThePrimaryIsNoConflictOfAReplica() {
    fleet.fail("a.execute", new SQLException("could not serialize access", "40001"));
    assertThatThrownBy(() -> read(false, Connection.TRANSACTION_SERIALIZABLE))
        .hasMessage("could not serialize access");
    assertThat(fleet.dataSource().routes().counts().conflicts(0)).isZero();
  }
}
