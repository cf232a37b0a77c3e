package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.routing.Borrowing.Borrowed;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is made sure of on a connection that was taken; and whatever is not, it is given back. */
class BorrowingTest {

  private final ProbeThreads threads = ProbeThreads.create(2);
  private StubFleet fleet;
  private StubFleet.Server replica;
  private Node node;

  @BeforeEach
  void open() {
    fleet = new StubFleet(1, threads, builder -> builder);
    replica = fleet.server(1);
    node = fleet.node(1);
  }

  @AfterEach
  void everythingWasGivenBack() {
    fleet.close();
    threads.close();
    assertThat(fleet.borrowed()).isZero();
  }

  private Borrowed borrow(int index, boolean readOnly) throws SQLException {
    return fleet
        .dataSource()
        .routes()
        .borrowing()
        .borrow(fleet.node(index), BindRequest.of(readOnly, true));
  }

  @Test
  void aSessionIsAskedOnceAndToldOnce() throws SQLException {
    for (int i = 0; i < 3; i++) {
      Borrowed borrowed = borrow(1, true);
      assertThat(borrowed.sample().status().position()).isEqualTo(100);
      borrowed.binding().giveBack();
    }
    assertThat(fleet.made("b.probe.status")).isEqualTo(1);
    assertThat(fleet.made("b.probe.readOnly=true")).isEqualTo(1);
  }

  @Test
  void aSessionThatReadTakesWritesAgain() throws SQLException {
    borrow(0, true).binding().giveBack();
    borrow(0, false).binding().giveBack();
    assertThat(fleet.made("a.probe.readOnly=false")).isEqualTo(1);
    Binding binding = borrow(0, false).binding();
    binding.connection().setReadOnly(true); // as a pool may say of all of its connections
    binding.giveBack();
    borrow(0, false).binding().giveBack();
    assertThat(fleet.made("a.setReadOnly[false]")).isEqualTo(1);
    assertThat(fleet.made("a.probe.readOnly=false")).isEqualTo(1);
  }

  @Test
  void aChangeOfRoleHasSessionsIntroduceThemselvesAnew() throws SQLException {
    borrow(1, true).binding().giveBack();
    fleet.learn(1, NodeRole.PRIMARY, 2, 120);
    Borrowed borrowed = borrow(1, true);
    assertThat(borrowed.sample().status().role()).isEqualTo(NodeRole.PRIMARY);
    borrowed.binding().giveBack();
    assertThat(fleet.made("b.probe.status")).isEqualTo(2);
  }

  /** Its pool would hold the caller for as long as it tries to connect. */
  @Test
  void aNodeInDoubtThatDoesNotAnswerIsNotBorrowedFrom() throws SQLException {
    node.doubt(System.nanoTime());
    replica.silent = true;
    assertThatThrownBy(() -> borrow(1, true))
        .isInstanceOf(SQLTransientConnectionException.class)
        .hasMessage("node 'b' does not answer: a connection to it just broke");
    assertThat(replica.taken).isZero();
    replica.silent = false;
    borrow(1, true).binding().giveBack();
    assertThat(node.isDoubted()).isFalse();
  }

  @Test
  void oldConnectionsToAnotherRunAreDropped() throws SQLException {
    borrow(1, true).binding().giveBack();
    replica.is("cluster", "next run", NodeRole.REPLICA, 1, 50);
    fleet.probe(1);
    Borrowed borrowed = borrow(1, true);
    assertThat(borrowed.sample().status().incarnation()).isEqualTo("next run");
    borrowed.binding().giveBack();
    assertThat(fleet.calls).filteredOn(call -> call.startsWith("b.abort")).hasSize(1);
    assertThat(replica.taken).isEqualTo(3);
  }

  /** The probe's connection still reaches the old server. */
  @Test
  void aNewConnectionToAnotherRunSpeaksForItself() throws SQLException {
    replica.is("cluster", "next run", NodeRole.REPLICA, 1, 50);
    Borrowed borrowed = borrow(1, true);
    assertThat(borrowed.sample().status().incarnation()).isEqualTo("next run");
    assertThat(borrowed.sample().status().position()).isEqualTo(50);
    borrowed.binding().giveBack();
  }

  @Test
  void manyOldConnectionsAreAnErrorAndNotALongWait() throws SQLException {
    List<Binding> many = new ArrayList<>();
    for (int i = 0; i < 65; i++) {
      many.add(borrow(1, true).binding());
    }
    many.forEach(Binding::giveBack);
    replica.is("cluster", "next run", NodeRole.REPLICA, 1, 50);
    fleet.probe(1);
    assertThatThrownBy(() -> borrow(1, true))
        .isInstanceOf(SQLTransientConnectionException.class)
        .hasMessage(
            "the pool of node 'b' keeps giving connections to another server than its probes"
                + " reach: has its host name moved?");
    assertThat(fleet.borrowed()).isZero();
    borrow(1, true).binding().giveBack();
  }

  @Test
  void aServerOfAnotherClusterIsNamed() {
    replica.is("another", "its run", NodeRole.REPLICA, 1, 100);
    assertThatThrownBy(() -> borrow(1, true))
        .isInstanceOf(SQLTransientConnectionException.class)
        .hasMessage(
            "the pool of node 'b' gives connections to a server of another cluster (another, not"
                + " cluster): has its host name moved?");
    assertThat(fleet.calls).filteredOn(call -> call.startsWith("b.abort")).hasSize(1);
  }

  @Test
  void questionsAreAskedOutsideOfTransactions() throws SQLException {
    replica.autoCommitByDefault = false;
    borrow(1, true).binding().giveBack();
    assertThat(fleet.calls)
        .containsSubsequence(
            "b.setAutoCommit[true]",
            "b.probe.status",
            "b.setAutoCommit[false]",
            "b.setAutoCommit[true]",
            "b.probe.readOnly=true",
            "b.setAutoCommit[false]");
  }

  @Test
  void aQuestionThatFailsLeavesThePoolsDefault() throws SQLException {
    replica.autoCommitByDefault = false;
    fleet.fail("b.probe.status", new SQLException("broken", "08006"));
    assertThatThrownBy(() -> borrow(1, true)).hasMessage("broken");
    assertThat(fleet.calls)
        .containsSubsequence(
            "b.setAutoCommit[true]", "b.probe.status", "b.setAutoCommit[false]", "b.close");
  }
}
