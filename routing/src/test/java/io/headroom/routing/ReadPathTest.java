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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where reads go, and are run again, call by call: node {@code a} is the primary. */
@SuppressWarnings("try") // scopes are opened for their effect
class ReadPathTest {

  private static final String CONFLICT = "40001";
  private static final String LOST = "57P01";

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

  /** What is done after a run, which it may fail. */
  private interface After {
    void run(int number) throws SQLException;
  }

  /** Where a repeated read ran. */
  private List<String> runs(After after) throws SQLException {
    List<String> runs = new ArrayList<>();
    fleet
        .dataSource()
        .<Void, RuntimeException>read(
            connection -> {
              execute(connection);
              runs.add(inUse());
              after.run(runs.size());
              return null;
            });
    return runs;
  }

  private static After failsFirst(String state) {
    return run -> {
      if (run == 1) {
        throw new SQLException("on purpose", state);
      }
    };
  }

  private long routed(int node, RouteReason reason) {
    return fleet.dataSource().routes().counts().routed(node, reason);
  }

  private static RequestContext saw(Consistency consistency, long position) {
    RequestContext request = RequestContext.builder().with(Consistency.KEY, consistency).build();
    request.observe(StubFleet.token(1, position));
    return request;
  }

  @Test
  void aReadThatAReplicaEndedRunsOnAnother() throws SQLException {
    open(2);
    assertThat(runs(failsFirst(CONFLICT))).doesNotHaveDuplicates().doesNotContain("a");
  }

  @Test
  void aReadThatTheOnlyReplicaEndedRunsOnThePrimaryThoughThatReplicaIsNotDown()
      throws SQLException {
    open(1);
    assertThat(runs(failsFirst(CONFLICT))).containsExactly("b", "a");
    assertThat(routed(0, RouteReason.SPILLED_LAGGING)).isEqualTo(1);
    assertThat(routed(0, RouteReason.SPILLED_DOWN)).isZero();
  }

  @Test
  void withoutAPrimaryItRunsOnTheSameReplicaAgain() throws SQLException {
    open(1);
    fleet.server(0).silent = true;
    fleet.probe(0);
    assertThat(runs(failsFirst(CONFLICT))).containsExactly("b", "b");
  }

  @Test
  void withoutBudgetItRunsOnTheSameReplicaAgain() throws SQLException {
    open(1, builder -> builder.primarySpill(0.001));
    fleet.dataSource().routes().spill().tryAcquireNanos();
    assertThat(runs(failsFirst(CONFLICT))).containsExactly("b", "b");
    assertThat(fleet.dataSource().routes().counts().refusals(RouteReason.REFUSED_BUDGET)).isZero();
  }

  @Test
  void whereThePrimaryCannotBeHadItRunsOnTheSameReplicaAgain() throws SQLException {
    open(1);
    fleet.fail("a.getConnection", new SQLException("refused", "08001"));
    assertThat(runs(failsFirst(CONFLICT))).containsExactly("b", "b");
  }

  /** It was behind when the read first ran, and has caught up. */
  @Test
  void aReplicaThatDidNotTakeTheReadIsNotAvoided() throws SQLException {
    open(1);
    fleet.learn(0, NodeRole.PRIMARY, 1, 200);
    try (RequestContext.Scope scope = saw(Consistency.READ_YOUR_WRITES, 200).attach()) {
      After primaryGoes =
          run -> {
            if (run == 1) {
              fleet.learn(1, NodeRole.REPLICA, 1, 200);
              fleet.server(0).silent = true;
              fleet.probe(0);
            }
            failsFirst(LOST).run(run);
          };
      assertThat(runs(primaryGoes)).containsExactly("a", "b");
    }
  }

  @Test
  void aReadThatGotNoConnectionIsNotRepeated() {
    open(1);
    fleet.fault =
        call -> {
          if (call.endsWith("getConnection")) {
            throw new SQLTransientConnectionException("timed out after 1000ms");
          }
        };
    assertThatThrownBy(() -> runs(run -> {})).hasMessage("timed out after 1000ms");
    assertThat(fleet.calls).as("each pool's time-out once").hasSize(2);
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
          .isInstanceOfSatisfying(
              SQLException.class, failure -> assertThat(failure.getSQLState()).isEqualTo("57014"))
          .hasMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
    requireHealthyOnceItAnswers(answering);
  }

  @Test
  void constantsOfTheDatabaseAreToldByWhicheverReplicaAnswers() throws SQLException {
    open(2);
    fleet.server(0).silent = true;
    fleet.probe(0);
    boolean[] failed = new boolean[1];
    fleet.fault =
        call -> {
          if (call.endsWith("getConnection") && !failed[0]) {
            failed[0] = true;
            throw new SQLException("refused", "08001");
          }
        };
    try (Connection connection = fleet.dataSource().getConnection()) {
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("Stub");
    }
    assertThat(failed[0]).isTrue();
  }

  @Test
  void thatNobodyTellsThemIsNoRefusal() throws SQLException {
    open(1);
    for (int node = 0; node < 2; node++) {
      fleet.server(node).silent = true;
      fleet.probe(node);
    }
    try (Connection connection = fleet.dataSource().getConnection()) {
      assertThatThrownBy(() -> connection.getMetaData().getDatabaseProductName())
          .isInstanceOf(NoPrimaryException.class);
    }
    assertThat(fleet.dataSource().routes().counts().refusals(RouteReason.REFUSED_NO_PRIMARY))
        .isZero();
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
