package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of work is done as often as it makes calls, with another call failing each time: what
 * was borrowed is given back, and nothing stays counted as in use, whichever it was.
 */
@SuppressWarnings("try") // scopes are opened for their effect
class NothingIsLeakedTest {

  private static final int SWEEPS = 50;

  private static ProbeThreads threads;

  @BeforeAll
  static void open() {
    threads = ProbeThreads.create(2);
  }

  @AfterAll
  static void close() {
    threads.close();
  }

  /** What an application does with a data source. */
  private interface Work {
    void on(StubFleet fleet) throws SQLException;
  }

  private static final Map<String, Work> KINDS = new TreeMap<>();

  static {
    KINDS.put("a transaction, and its token", NothingIsLeakedTest::transaction);
    KINDS.put("a write with autocommit", fleet -> run(fleet, false, true));
    KINDS.put("a read", fleet -> run(fleet, true, true));
    KINDS.put("a read in a transaction", fleet -> run(fleet, true, false));
    KINDS.put("a read of the primary", fleet -> asking(fleet, Consistency.STRONG, 50));
    KINDS.put("a read that may not step back", fleet -> asking(fleet, Consistency.MONOTONIC, 50));
    KINDS.put(
        "a read that waits for a replica",
        fleet -> {
          fleet.server(1).visible = 200L;
          asking(fleet, Consistency.READ_YOUR_WRITES, 150);
        });
    KINDS.put(
        "a read that waits in vain, and is spilled",
        fleet -> asking(fleet, Consistency.READ_YOUR_WRITES, 150));
    KINDS.put(
        "a read that may not step back, spilled",
        fleet -> asking(fleet, Consistency.MONOTONIC, 150));
    KINDS.put(
        "a stale read",
        fleet -> {
          fleet.dataSource().routes().spill().tryAcquireNanos();
          asking(fleet, Consistency.READ_YOUR_WRITES.orStale(), 150);
        });
    KINDS.put(
        "work that is done again",
        fleet ->
            fleet
                .dataSource()
                .read(
                    connection -> {
                      execute(connection);
                      return null;
                    }));
    KINDS.put("a session that writes and reads in turn", NothingIsLeakedTest::session);
    KINDS.put("what the database is", NothingIsLeakedTest::metadata);
    KINDS.put(
        "a commit that is not confirmed",
        fleet -> {
          fleet.server(0).warning = new SQLWarning("canceling wait for synchronous replication");
          transaction(fleet);
        });
    KINDS.put(
        "a write to one that is no primary any more",
        fleet -> {
          fleet.server(0).is(NodeRole.REPLICA, 1, 100);
          run(fleet, false, true);
        });
    KINDS.put("a transaction whose primary is replaced", NothingIsLeakedTest::replaced);
  }

  static Stream<String> kinds() {
    return KINDS.keySet().stream();
  }

  private static void execute(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("whatever");
    }
  }

  private static void run(StubFleet fleet, boolean readOnly, boolean autoCommit)
      throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setReadOnly(readOnly);
      connection.setAutoCommit(autoCommit);
      execute(connection);
      if (!autoCommit) {
        connection.commit();
      }
    }
  }

  private static void transaction(StubFleet fleet) throws SQLException {
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope scope = request.attach()) {
      run(fleet, false, false);
    } finally {
      request.token();
    }
  }

  private static void asking(StubFleet fleet, Consistency consistency, long seen)
      throws SQLException {
    RequestContext request = RequestContext.builder().with(Consistency.KEY, consistency).build();
    request.observe(StubFleet.token(1, seen));
    try (RequestContext.Scope scope = request.attach()) {
      run(fleet, true, true);
    } finally {
      request.token();
    }
  }

  private static void session(StubFleet fleet) throws SQLException {
    try (RequestContext.Scope scope = RequestContext.builder().build().attach();
        Connection connection = fleet.dataSource().getConnection()) {
      for (int i = 0; i < 2; i++) {
        connection.setReadOnly(false);
        connection.setAutoCommit(false);
        execute(connection);
        connection.commit();
        connection.setAutoCommit(true);
        connection.setReadOnly(true);
        execute(connection);
      }
    }
  }

  private static void metadata(StubFleet fleet) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.getMetaData().getDatabaseProductName();
    }
  }

  private static void replaced(StubFleet fleet) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      execute(connection);
      fleet.server(0).is(NodeRole.REPLICA, 2, 200);
      fleet.learn(1, NodeRole.PRIMARY, 2, 200);
      try {
        connection.commit();
      } finally {
        connection.rollback();
      }
    }
  }

  private static StubFleet fleet() {
    return new StubFleet(2, threads, builder -> builder.primarySpill(2));
  }

  /** The state of a failure that is no SQLException. */
  private static final String BUG = "a bug of the driver";

  @ParameterizedTest
  @MethodSource("kinds")
  void whicheverCallFails(String kind) {
    sweep(kind, "08006", false);
    sweep(kind, "42601", false);
    sweep(kind, "40001", false);
    sweep(kind, "25006", false);
    sweep(kind, BUG, false);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void afterWhicheverCallAllFail(String kind) {
    sweep(kind, "08006", true);
    sweep(kind, BUG, true);
  }

  /**
   * Lets each call fail in turn. What a primary that is none any more says may reach a probe first,
   * and the work ends sooner: then it is swept again.
   */
  private static void sweep(String kind, String state, boolean forEver) {
    int longest = 0;
    for (int sweeps = 0; sweeps < SWEEPS && longest <= 5; sweeps++) {
      int call = 1;
      while (failsAt(kind, call, forEver, state)) {
        call++;
      }
      longest = Math.max(longest, call);
    }
    assertThat(longest).as("calls of %s", kind).isGreaterThan(5);
  }

  /** Whether there was such a call. */
  private static boolean failsAt(String kind, int call, boolean forEver, String state) {
    try (StubFleet fleet = fleet()) {
      AtomicInteger calls = new AtomicInteger();
      List<String> failed = new ArrayList<>();
      fleet.fault =
          now -> {
            int number = calls.incrementAndGet();
            if (number == call || (forEver && number > call)) {
              failed.add(now);
              fail(state);
            }
          };
      try {
        KINDS.get(kind).on(fleet);
      } catch (SQLException | IllegalStateException e) {
        // what the caller gets is not what this is about
      }
      fleet.fault = now -> {};
      requireNothingInUse(fleet, "%s, where %s failed with %s".formatted(kind, failed, state));
      return !failed.isEmpty();
    }
  }

  private static void fail(String state) throws SQLException {
    if (state.equals(BUG)) {
      throw new IllegalStateException(BUG);
    }
    throw new SQLException("on purpose", state);
  }

  private static void requireNothingInUse(StubFleet fleet, String what) {
    assertThat(fleet.borrowed()).as("borrowed and not given back by %s", what).isZero();
    for (Node node : fleet.dataSource().routes().nodes()) {
      assertThat(node.load().inFlight()).as("in flight after %s", what).isZero();
      assertThat(node.writers()).as("writers after %s", what).isEmpty();
      assertThat(node.waiters().availablePermits())
          .as("places to wait on %s after %s", node, what)
          .isEqualTo(Integer.MAX_VALUE / 2);
      assertThat(node.guests().availablePermits())
          .as("places of guests of %s after %s", node, what)
          .isEqualTo(Integer.MAX_VALUE / 2);
    }
  }

  /** That the kinds of work are what they are called. */
  @Test
  void theKindsTakeTheirWays() throws SQLException {
    Map<String, RouteReason> ways =
        Map.of(
            "a transaction, and its token", RouteReason.WRITE,
            "a read", RouteReason.FRESH,
            "a read of the primary", RouteReason.STRONG,
            "a read that waits for a replica", RouteReason.WAITED,
            "a read that waits in vain, and is spilled", RouteReason.SPILLED_LAGGING,
            "a stale read", RouteReason.STALE,
            "what the database is", RouteReason.METADATA);
    for (Map.Entry<String, RouteReason> way : ways.entrySet()) {
      try (StubFleet fleet = fleet()) {
        fleet.server(2).is(NodeRole.REPLICA, 1, 90);
        KINDS.get(way.getKey()).on(fleet);
        long taken = 0;
        for (int node = 0; node < 3; node++) {
          taken += fleet.dataSource().routes().counts().routed(node, way.getValue());
        }
        assertThat(taken)
            .as("%s, routed as %s: %s", way.getKey(), way.getValue(), fleet.calls)
            .isPositive();
      }
    }
  }
}
