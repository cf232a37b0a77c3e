package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.RequestContext;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@SuppressWarnings("try") // scopes are opened for their effect
class ReplicaFaultsTest extends FaultTest {

  /** A fault of the first replica, and its end. */
  private void strike(String fault, Runnable begin, Runnable end) throws SQLException {
    long began;
    long ended;
    try (Load load = new Load(fleet, 2)) {
      began = System.nanoTime();
      begin.run();
      awaitUp(first, false);
      load.awaitWellDone(100);
      load.close();
      report(fault, load, began);
      requireNoFailure(load);
    }
    try (Load load = new Load(fleet, 2)) {
      ended = System.nanoTime();
      end.run();
      firstRouted.clear();
      Awaitility.await().until(() -> firstRouted.containsKey(first.name()));
      load.close();
      report(fault + "-back-again", load, ended);
      System.out.printf(
          "fault=%s-back-again read_from_again_ms=%d%n",
          fault, (firstRouted.get(first.name()) - ended) / 1_000_000);
      requireNoFailure(load);
      assertThat(load.lost()).isZero();
    }
  }

  @Test
  void killed() throws SQLException {
    strike("replica-killed", first::kill, first::restart);
  }

  @Test
  void stopped() throws SQLException {
    strike("replica-stopped", first::stop, first::resume);
  }

  @Test
  void blackHoled() throws SQLException {
    strike(
        "replica-black-holed",
        () -> proxy(first).blackHole(Direction.BOTH),
        () -> proxy(first).heal());
  }

  @Test
  void itsConnectionsAreReset() throws SQLException {
    long began;
    try (Load load = new Load(fleet, 2)) {
      began = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        proxy(first).resetAll();
        load.awaitWellDone(20);
      }
      load.close();
      report("replica-reset", load, began);
      requireNoFailure(load);
    }
  }

  @Test
  void oneLagsAndOwnWritesAreReadElsewhere() throws SQLException {
    first.applyDelay(Duration.ofSeconds(5)); // ended as soon as it has been seen
    long began = System.nanoTime();
    try (Load load = new Load(fleet, 2)) {
      load.awaitWellDone(200);
      try (RequestContext.Scope scope =
          RequestContext.builder()
              .with(Consistency.KEY, Consistency.bounded(Duration.ofMillis(500)))
              .build()
              .attach()) {
        Awaitility.await()
            .until(
                () ->
                    fleet.view(first.name()).lag().filter(lag -> lag.toMillis() > 600).isPresent());
        for (int i = 0; i < 50; i++) {
          assertThat(fleet.readNode()).isNotEqualTo(first.name());
        }
      }
      load.close();
      report("replica-lags-5s", load, began);
      requireNoFailure(load);
    } finally {
      first.applyDelay(Duration.ZERO);
    }
  }

  @Test
  void allArePausedAndOwnWritesAreReadOnThePrimary() throws SQLException {
    first.pauseReplay();
    second.pauseReplay();
    long began = System.nanoTime();
    try (Load load = new Load(fleet, 2)) {
      load.awaitWellDone(50);
      first.resumeReplay();
      second.resumeReplay();
      load.awaitWellDone(100);
      load.close();
      report("all-replicas-paused", load, began);
      requireNoFailure(load);
    }
  }

  @Test
  void aReadThatIsInTheWayOfReplayIsRepeated() throws Exception {
    List<PostgresServer> replicas = List.of(first, second);
    for (PostgresServer replica : replicas) {
      replica.set("hot_standby_feedback", "off");
      replica.set("max_standby_streaming_delay", "0");
    }
    try {
      fleet.insert(1);
      fleet.insert(2);
      fleet.awaitCaughtUp();
      List<String> states = new ArrayList<>();
      AtomicInteger attempts = new AtomicInteger();
      long began = System.nanoTime();
      long count =
          fleet
              .dataSource()
              .read(
                  connection -> {
                    connection.setAutoCommit(false);
                    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                    long rows = count(connection, "SELECT count(*) FROM notes");
                    if (attempts.incrementAndGet() > 1) {
                      return rows;
                    }
                    deleteAndVacuum();
                    try {
                      return count(connection, "SELECT count(*) FROM notes, pg_sleep(1.5)");
                    } catch (SQLException e) {
                      states.add(e.getSQLState());
                      throw e;
                    }
                  });
      System.out.printf(
          "fault=recovery-conflict recovered_ms=%d attempts=%s states=%s%n",
          (System.nanoTime() - began) / 1_000_000, attempts, states);
      assertThat(states).containsExactly("40001");
      assertThat(count).isLessThanOrEqualTo(2);
    } finally {
      for (PostgresServer replica : replicas) {
        replica.set("hot_standby_feedback", "on");
        replica.set("max_standby_streaming_delay", "30s");
      }
    }
  }

  /** What the snapshots of replicas still show, and nobody on the primary needs. */
  private void deleteAndVacuum() throws SQLException {
    try (Connection connection = primary.dataSource(postgres.database()).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM notes WHERE id = 1");
      statement.execute("VACUUM notes");
    }
  }

  private static long count(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void allAreGoneAndThePrimaryServesWithinItsBudget() throws SQLException {
    fleet.close();
    fleet =
        new Fleet(
            List.of(primary, first, second),
            postgres.database(),
            server -> proxies.get(server).port(),
            builder -> builder.primarySpill(50));
    fleet.awaitCaughtUp();
    first.kill();
    second.kill();
    awaitUp(first, false);
    awaitUp(second, false);
    long began = System.nanoTime();
    int served = 0;
    int refused = 0;
    while (refused < 200) {
      try {
        assertThat(fleet.readNode()).isEqualTo(primary.name());
        served++;
      } catch (NoFreshReplicaException e) {
        refused++;
        assertThat(e.retryAfter()).isPositive();
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "fault=all-replicas-gone served=%d refused=%d budget=%.0f%n",
        served, refused, 25 + 50 * seconds);
    assertThat((double) served).isLessThanOrEqualTo(26 + 50 * seconds);
    long back = System.nanoTime();
    first.restart();
    awaitUp(first, true);
    assertThat(fleet.readNode()).isEqualTo(first.name());
    System.out.printf(
        "fault=all-replicas-gone recovered_ms=%d%n", (System.nanoTime() - back) / 1_000_000);
  }

  @Test
  void anExhaustedPoolTurnsReadsElsewhereAndWritesAwayClearly() throws SQLException {
    List<Connection> held = new ArrayList<>();
    try {
      HikariDataSource pool = fleet.pool(primary.name());
      while (pool.getHikariPoolMXBean().getActiveConnections() < Fleet.POOL_SIZE) {
        held.add(pool.getConnection());
      }
      while (fleet.view(first.name()).inFlight() < Fleet.POOL_SIZE) {
        Connection connection = fleet.dataSource().getConnection();
        held.add(connection);
        connection.setReadOnly(true);
        if (!fleet.nodeOf(connection).equals(first.name())) {
          connection.close();
        }
      }
      long began = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        assertThat(fleet.dataSource().<String, SQLException>read(fleet::nodeOf))
            .isEqualTo(second.name());
      }
      long reads = System.nanoTime();
      assertThatThrownBy(() -> fleet.insert(1))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining(primary.name())
          .hasMessageContaining("request timed out");
      System.out.printf(
          "fault=pool-exhausted twenty_reads_ms=%d write_refused_ms=%d%n",
          (reads - began) / 1_000_000, (System.nanoTime() - reads) / 1_000_000);
    } finally {
      for (Connection connection : held) {
        connection.close();
      }
    }
    fleet.insert(1);
    assertThat(fleet.primary()).isEqualTo(primary.name());
  }

  @Test
  void aStuckProbeTakesItsNodeOutAndHoldsNobodyUp() throws SQLException {
    PGSimpleDataSource aside = new PGSimpleDataSource();
    try (FaultProxy way = FaultProxy.to(first)) {
      aside.setUrl(
          "jdbc:postgresql://127.0.0.1:"
              + way.port()
              + "/"
              + postgres.database()
              + "?user=postgres");
      fleet.close();
      fleet =
          new Fleet(
              List.of(primary, first, second),
              postgres.database(),
              server -> proxies.get(server).port(),
              builder -> builder.probeVia(first.name(), aside));
      fleet.awaitCaughtUp();
      try (Load load = new Load(fleet, 2)) {
        long began = System.nanoTime();
        way.blackHole(Direction.BOTH);
        awaitUp(first, false);
        long down = System.nanoTime();
        load.awaitWellDone(100);
        way.heal();
        long healed = System.nanoTime();
        awaitUp(first, true);
        System.out.printf(
            "fault=probe-stuck down_after_ms=%d up_after_ms=%d%n",
            (down - began) / 1_000_000, (System.nanoTime() - healed) / 1_000_000);
        load.close();
        report("probe-stuck", load, began);
        requireNoFailure(load);
        assertThat(load.lost()).isZero();
      }
    }
  }

  @Test
  void aNameThatComesToMeanAnotherServerIsNotTrustedBlindly() throws Exception {
    // the name of the first replica comes to mean one that is behind
    second.pauseReplay();
    try (Load load = new Load(fleet, 2)) {
      long began = System.nanoTime();
      proxy(first).retarget("127.0.0.1", second.port());
      proxy(first).closeAll();
      load.awaitWellDone(100);
      second.resumeReplay();
      load.awaitWellDone(50);
      load.close();
      report("replica-name-moved", load, began);
      assertThat(load.lost()).isZero();
    }
  }

  @Test
  void aNameThatComesToMeanAnotherClusterIsNotReadFrom() throws Exception {
    try (PostgresCluster other = PostgresCluster.builder().primaries(1).start()) {
      PostgresServer stranger = other.server(0);
      stranger.createDatabase(postgres.database());
      long began = System.nanoTime();
      // its probe stays on the old server, as a connection does when a name changes
      proxy(first).retarget("127.0.0.1", stranger.port());
      fleet.pool(first.name()).getHikariPoolMXBean().softEvictConnections();
      int wrong = 0;
      for (int i = 0; i < 60; i++) {
        int port = fleet.dataSource().<Integer, SQLException>read(ReplicaFaultsTest::port);
        wrong += port == stranger.port() ? 1 : 0;
      }
      System.out.printf(
          "fault=name-moved-to-another-cluster reads=60 wrong=%d took_ms=%d%n",
          wrong, (System.nanoTime() - began) / 1_000_000);
      assertThat(wrong).isZero();
    }
  }

  private static int port(Connection connection) throws SQLException {
    return (int) count(connection, "SELECT inet_server_port()");
  }

  @Test
  void aReaderThatWaitsForAReplicaThatDiesIsServedElsewhere() throws Exception {
    first.pauseReplay();
    second.pauseReplay();
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope scope = request.attach()) {
      fleet.insert(5);
    }
    List<CompletableFuture<Boolean>> readers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      readers.add(
          CompletableFuture.supplyAsync(
              () -> {
                try (RequestContext.Scope scope = request.attach()) {
                  return fleet.sees(5);
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    first.kill();
    second.kill();
    for (CompletableFuture<Boolean> reader : readers) {
      assertThat(reader.get()).isTrue();
    }
  }
}
