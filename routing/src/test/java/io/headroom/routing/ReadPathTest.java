package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ConsistencyToken.Position;
import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where reads go, call by call: node {@code a} is the primary. */
@SuppressWarnings("try") // scopes are opened for their effect
class ReadPathTest {

  private final ProbeThreads threads = ProbeThreads.create(2);
  private StubFleet fleet;

  private void open(int replicas, UnaryOperator<ReplicaDataSourceBuilder> options) {
    fleet = new StubFleet(replicas, threads, options);
  }

  private void open(int replicas) {
    open(replicas, builder -> builder);
  }

  @AfterEach
  void everythingWasGivenBack() {
    fleet.close();
    threads.close();
    assertThat(fleet.borrowed()).isZero();
  }

  private static void execute(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  /** Which node a connection is out of. */
  private String inUse() {
    int index = 0;
    while (fleet.server(index).borrowed == 0) {
      index++;
    }
    return fleet.server(index).name;
  }

  private String read() throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setReadOnly(true);
      execute(connection);
      return inUse();
    }
  }

  private long routed(int node, RouteReason reason) {
    return fleet.dataSource().routes().counts().routed(node, reason);
  }

  private static RequestContext saw(Consistency consistency, long position) {
    RequestContext request = RequestContext.builder().with(Consistency.KEY, consistency).build();
    request.observe(StubFleet.token(1, position));
    return request;
  }

  /** A probe that takes longer than some callers have. */
  private CountDownLatch slowlyAnsweringReplicaInDoubt() {
    CountDownLatch answering = new CountDownLatch(1);
    fleet.server(1).answering = answering;
    fleet.node(1).doubt(System.nanoTime());
    return answering;
  }

  private void requireHealthyOnceItAnswers(CountDownLatch answering) {
    answering.countDown();
    fleet.probe(1);
    assertThat(fleet.node(1).isDoubted()).isFalse();
    assertThat(fleet.node(1).health().isEjected()).isFalse();
  }

  @Test
  void callersWithShortDeadlinesEjectNoNode() {
    open(1);
    CountDownLatch answering = slowlyAnsweringReplicaInDoubt();
    for (int call = 0; call < 5; call++) {
      RequestContext hurried = RequestContext.builder().timeout(Duration.ofMillis(5)).build();
      try (RequestContext.Scope scope = hurried.attach()) {
        assertThatThrownBy(this::read).isInstanceOf(SQLTimeoutException.class);
      }
    }
    requireHealthyOnceItAnswers(answering);
  }

  @Test
  void interruptedCallersEjectNoNode() {
    open(1);
    CountDownLatch answering = slowlyAnsweringReplicaInDoubt();
    for (int call = 0; call < 5; call++) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(this::read)
          .isInstanceOf(SQLTransientConnectionException.class)
          .hasMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
    requireHealthyOnceItAnswers(answering);
  }

  /** What it shows is more than what was known when it was bound. */
  @Test
  void aReadAfterOneOnThePrimaryForAnUnknownPositionDoesNotStepBack() throws SQLException {
    open(1);
    fleet.learn(0, NodeRole.PRIMARY, 1, 200);
    fleet.learn(1, NodeRole.REPLICA, 1, 200);
    RequestContext request = saw(Consistency.MONOTONIC, Position.UNKNOWN);
    try (RequestContext.Scope scope = request.attach()) {
      try (Connection connection = fleet.dataSource().getConnection()) {
        connection.setReadOnly(true);
        try (Statement statement = connection.createStatement()) {
          fleet.learn(0, NodeRole.PRIMARY, 1, 300); // another's commit, after the bind
          statement.execute("SELECT 1");
        }
        assertThat(inUse()).isEqualTo("a");
      }
      assertThat(read()).as("the replica shows 200").isEqualTo("a");
    }
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 300));
  }

  @Test
  void noReplicaIsWaitedForWhereNobodyKnowsWhatToWaitFor() throws SQLException {
    open(1, builder -> builder.primarySpill(0.001));
    fleet.dataSource().routes().spill().tryAcquireNanos();
    try (RequestContext.Scope scope =
        saw(Consistency.READ_YOUR_WRITES.orStale(), Position.UNKNOWN).attach()) {
      assertThat(read()).isEqualTo("b");
    }
    assertThat(fleet.made("b.probe.visible")).isZero();
    assertThat(routed(1, RouteReason.STALE)).isEqualTo(1);
  }
}
