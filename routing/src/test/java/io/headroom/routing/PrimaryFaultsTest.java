package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.RequestContext;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // scopes are opened for their effect
class PrimaryFaultsTest extends FaultTest {

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  private static RequestContext.Scope hurried() {
    return RequestContext.builder().timeout(Duration.ofMillis(300)).build().attach();
  }

  private static void insert(Connection connection, long id) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO notes VALUES (" + id + ", 'x')");
    }
  }

  /** With synchronous commit, so that nothing that was acknowledged may be missing. */
  @Test
  void killedAndItsReplicaPromoted() throws SQLException {
    primary.synchronousReplicas(1, first, second);
    try (Load load = new Load(fleet, 2)) {
      long began = System.nanoTime();
      PostgresServer promoted = primary.failOver();
      long promotedAt = System.nanoTime();
      load.awaitWellDone(100);
      load.close();
      report("primary-killed-and-promoted", load, began);
      System.out.printf(
          "fault=primary-killed-and-promoted write_gap_ms=%d kill_promote_follow_ms=%d%n",
          load.writeGapMillis(began), TimeUnit.NANOSECONDS.toMillis(promotedAt - began));
      assertThat(fleet.primary()).isEqualTo(promoted.name());
      int lost = load.lost();
      System.out.printf("fault=primary-killed-and-promoted lost_writes=%d%n", lost);
      assertThat(lost).as("acknowledged writes that were lost").isZero();
    }
  }

  /** As another program does that knows of the failover before we do: it closes it to writes. */
  @Test
  void closedToWritesUnderARunningTransactionAndReplaced() throws SQLException {
    try (RequestContext.Scope scope =
            RequestContext.builder().with(Consistency.KEY, Consistency.STRONG).build().attach();
        Connection read = fleet.dataSource().getConnection()) {
      read.setReadOnly(true); // a session that has been read-only, and will be used to write
      assertThat(fleet.nodeOf(read)).isEqualTo(primary.name());
    }
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      insert(connection, 1);
      connection.commit();
      first.awaitReplayOf(primary);
      second.awaitReplayOf(primary);
      primary.set("default_transaction_read_only", "on");
      awaitClosedToWrites();
      assertThatThrownBy(() -> insert(connection, 2))
          .as("nobody else takes writes yet, so this is the server's word")
          .isInstanceOf(SQLException.class)
          .extracting(failure -> ((SQLException) failure).getSQLState())
          .isEqualTo("25006");
      connection.rollback();
      long began = System.nanoTime();
      first.promote();
      PrimaryDemotedException demoted = null;
      int attempts = 0;
      while (demoted == null) {
        attempts++;
        try {
          assertIsRefused(connection);
        } catch (PrimaryDemotedException e) { // known as it is asked, or as it rolls back
          demoted = e;
        }
      }
      assertThat(demoted.getSQLState()).isEqualTo("40001");
      fleet.insert(3);
      System.out.printf(
          "fault=primary-demoted recovered_ms=%d attempts=%d state=%s%n",
          millisSince(began), attempts, demoted.getSQLState());
    } finally {
      reopen(primary);
    }
    assertThat(fleet.writeNode()).isEqualTo(first.name());
    try (Connection connection = fleet.dataSource().getConnection()) {
      assertThat(Fleet.sees(connection, 3)).isTrue();
      assertThat(Fleet.sees(connection, 2)).isFalse();
    }
  }

  /** By the server, which is all that is known yet; what knows more is thrown. */
  private static void assertIsRefused(Connection connection) throws SQLException {
    try {
      insert(connection, 3);
    } catch (PrimaryDemotedException known) {
      throw known;
    } catch (SQLException notKnownYet) {
      assertThat(notKnownYet.getSQLState()).isEqualTo("25006");
      connection.rollback();
    }
  }

  private void awaitClosedToWrites() {
    Awaitility.await()
        .until(
            () -> {
              try (Connection connection = primary.dataSource(postgres.database()).getConnection();
                  Statement statement = connection.createStatement();
                  ResultSet row = statement.executeQuery("SHOW default_transaction_read_only")) {
                row.next();
                return row.getString(1).equals("on");
              }
            });
  }

  private static void reopen(PostgresServer server) throws SQLException {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SET default_transaction_read_only = off");
      statement.execute("ALTER SYSTEM RESET default_transaction_read_only");
      statement.execute("SELECT pg_reload_conf()");
    }
  }

  /** The server behind the old primary's name is a replica now, and its transactions are gone. */
  @Test
  void comesBackAsAReplicaBehindItsName() throws SQLException {
    try (Connection open = fleet.dataSource().getConnection()) {
      open.setAutoCommit(false);
      insert(open, 1);
      primary.kill();
      first.promote();
      primary.recloneFrom(first);
      second.follow(first);
      long began = System.nanoTime();
      assertThatThrownBy(() -> insert(open, 2))
          .isInstanceOf(SQLException.class)
          .isNotInstanceOf(UnknownOutcomeException.class);
      fleet.insert(3);
      System.out.printf("fault=primary-back-as-replica recovered_ms=%d%n", millisSince(began));
    }
    assertThat(fleet.writeNode()).isEqualTo(first.name());
    fleet.awaitCaughtUp();
    firstRouted.clear();
    while (!firstRouted.containsKey(primary.name())) {
      assertThat(fleet.sees(1)).isFalse();
      assertThat(fleet.sees(3)).isTrue();
    }
  }

  /** The row is there; the answer that says so is not. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theAnswerToACommitIsLost(boolean autoCommit) throws SQLException {
    first.pauseReplay();
    second.pauseReplay();
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope scope = request.attach()) {
      long began = System.nanoTime();
      UnknownOutcomeException unknown;
      try (Connection connection = fleet.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        assertThat(Fleet.sees(connection, 1)).isFalse();
        if (autoCommit) {
          connection.commit();
          connection.setAutoCommit(true);
          proxy(primary).blackHole(Direction.TO_CLIENT);
        } else {
          insert(connection, 1);
          proxy(primary).blackHole(Direction.TO_CLIENT);
        }
        unknown =
            catchThrowableOfType(
                UnknownOutcomeException.class,
                () -> {
                  if (autoCommit) {
                    insert(connection, 1);
                  } else {
                    connection.commit();
                  }
                });
      }
      assertThat(unknown.getSQLState()).isEqualTo("08007");
      assertThat(unknown.node()).isEqualTo(primary.name());
      long heard = millisSince(began);
      proxy(primary).heal();
      awaitPrimary(primary);
      assertThat(fleet.sees(1)).as("whoever looks in this request sees it").isTrue();
      System.out.printf(
          "fault=commit-answer-lost autocommit=%s heard_after_ms=%d recovered_ms=%d"
              + " row_is_there=true%n",
          autoCommit, heard, millisSince(began));
      first.resumeReplay();
      second.resumeReplay();
      fleet.insert(2);
      assertThat(fleet.sees(2)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theWaitForASynchronousReplicaIsCancelled(boolean autoCommit) throws Exception {
    primary.synchronousReplicas(1, first);
    first.stop();
    awaitUp(first, false);
    long began = System.nanoTime();
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setAutoCommit(autoCommit);
      CompletableFuture<Void> cancelled =
          CompletableFuture.runAsync(
              () ->
                  Awaitility.await()
                      .ignoreExceptions()
                      .untilAsserted(() -> assertThat(cancelSyncWait()).isTrue()));
      assertThatThrownBy(
              () -> {
                insert(connection, 1);
                connection.commit();
              })
          .isInstanceOf(UnknownOutcomeException.class)
          .hasMessageContaining("synchronous");
      cancelled.get();
      System.out.printf(
          "fault=synchronous-wait-cancelled autocommit=%s heard_after_ms=%d state=08007%n",
          autoCommit, millisSince(began));
    } finally {
      first.resume();
    }
    awaitUp(first, true);
    fleet.insert(2);
  }

  private boolean cancelSyncWait() throws SQLException {
    try (Connection connection = primary.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity"
                    + " WHERE wait_event = 'SyncRep'")) {
      row.next();
      return row.getLong(1) > 0;
    }
  }

  @Test
  void twoTakeWritesAtOnce() throws SQLException {
    PostgresServer witness = primary.addReplica("witness");
    fleet.close();
    fleet = fleetOf(primary, first, second, witness);
    fleet.awaitCaughtUp();
    fleet.insert(1);
    witness.awaitReplayOf(primary);
    first.awaitReplayOf(primary);
    second.awaitReplayOf(primary);
    primary.kill();
    first.promote();
    awaitPrimary(first);
    long began = System.nanoTime();
    second.promote();
    Awaitility.await().until(() -> fleet.primary().equals("none"));
    long noticed = millisSince(began);
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(trouble).anySatisfy(what -> assertThat(what).contains("split brain")));
    for (int i = 0; i < 20; i++) {
      assertThat(fleet.readNode()).as("reads go on").isEqualTo(witness.name());
    }
    try (RequestContext.Scope scope = hurried()) {
      assertThatThrownBy(() -> fleet.insert(2))
          .isInstanceOf(NoPrimaryException.class)
          .hasMessageContaining("split brain");
    }
    long healed = System.nanoTime();
    second.kill();
    fleet.insert(3);
    System.out.printf(
        "fault=split-brain noticed_ms=%d recovered_ms=%d reads_went_on=true%n",
        noticed, millisSince(healed));
    assertThat(fleet.primary()).isEqualTo(first.name());
  }

  @Test
  void allAreGone() throws SQLException {
    fleet.insert(1);
    fleet.awaitCaughtUp();
    List<PostgresServer> all = List.of(primary, first, second);
    long began = System.nanoTime();
    all.forEach(PostgresServer::kill);
    all.forEach(server -> awaitUp(server, false));
    Awaitility.await().until(() -> fleet.primary().equals("none"));
    long noticed = millisSince(began);
    long read = System.nanoTime();
    assertThatThrownBy(() -> fleet.readNode())
        .isInstanceOf(NoFreshReplicaException.class)
        .hasMessageContaining("no primary");
    long readTook = millisSince(read);
    long write = System.nanoTime();
    try (RequestContext.Scope scope = hurried()) {
      assertThatThrownBy(() -> fleet.insert(2))
          .isInstanceOf(NoPrimaryException.class)
          .hasMessageContaining("does not answer");
    }
    long writeTook = millisSince(write);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> fleet.insert(2))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    long healed = System.nanoTime();
    all.forEach(PostgresServer::restart);
    long restarted = System.nanoTime();
    fleet.insert(3);
    fleet.awaitCaughtUp();
    assertThat(fleet.readNode()).isNotEqualTo(primary.name());
    System.out.printf(
        "fault=all-gone noticed_ms=%d read_refused_ms=%d write_refused_ms=%d recovered_ms=%d"
            + " after_restart_ms=%d%n",
        noticed, readTook, writeTook, millisSince(healed), millisSince(restarted));
  }

  /** As managed databases fail over: one name, which comes to mean the promoted server. */
  @Test
  void itsNameComesToMeanThePromotedServer() throws SQLException {
    fleet.close();
    fleet = fleetOf(primary, second); // the first replica is known to nobody
    fleet.awaitCaughtUp();
    List<Connection> old = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      old.add(fleet.dataSource().getConnection());
      insert(old.get(i), i);
    }
    first.awaitReplayOf(primary);
    first.promote();
    // the old primary goes on, and so do the connections to it, the probe's among them
    proxy(primary).retarget("127.0.0.1", first.port());
    long began = System.nanoTime();
    fleet.insert(10); // all others are in use, so this is a new one
    for (Connection connection : old) {
      connection.close();
    }
    for (int id = 11; id < 30; id++) {
      fleet.insert(id);
    }
    System.out.printf("fault=primary-name-moved recovered_ms=%d%n", millisSince(began));
    assertThat(idsOn(primary)).containsExactly(0, 1, 2, 3);
    assertThat(idsOn(first)).contains(0, 1, 2, 3, 10, 11, 29);
    // a replica of the old history does not serve a request that wrote to the new one
    try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
      fleet.insert(30);
      assertThat(fleet.sees(30)).isTrue();
    }
  }

  private static List<Integer> idsOn(PostgresServer server) throws SQLException {
    try (Connection connection = server.dataSource(postgres.database()).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT id FROM notes ORDER BY id")) {
      List<Integer> ids = new ArrayList<>();
      while (row.next()) {
        ids.add(row.getInt(1));
      }
      return ids;
    }
  }

  /** A request that wrote before the failover is served by replicas again after one read. */
  @Test
  void aPositionThatWasNeverLearnedDoesNotBurdenThePrimaryForEver() throws SQLException {
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope scope = request.attach()) {
      fleet.insert(1);
      first.awaitReplayOf(primary);
      second.awaitReplayOf(primary);
      primary.kill();
      first.promote();
      second.follow(first);
      awaitPrimary(first);
      long began = System.nanoTime();
      Awaitility.await()
          .untilAsserted(
              () -> {
                assertThat(fleet.sees(1)).isTrue();
                assertThat(fleet.readNode()).isEqualTo(second.name());
              });
      System.out.printf("fault=token-of-ended-timeline recovered_ms=%d%n", millisSince(began));
    }
  }
}
