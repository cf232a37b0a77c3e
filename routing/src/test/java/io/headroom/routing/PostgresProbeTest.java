package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headroom.ConsistencyToken.Position;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresProbeTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1).exclusive();

  private static final ReplicationProbe PROBE = ReplicationProbe.postgres();

  private Connection primary;
  private Connection replica;

  @BeforeAll
  static void makeRole() throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection()) {
      execute(connection, "CREATE ROLE plain LOGIN");
      execute(connection, "CREATE TABLE rows (n bigint)");
      execute(connection, "GRANT ALL ON rows TO plain");
    }
  }

  @BeforeEach
  void connect() throws SQLException {
    primary = postgres.dataSource(0).getConnection();
    replica = replicaServer().dataSource(postgres.database()).getConnection();
  }

  @AfterEach
  void disconnect() throws SQLException {
    primary.close();
    replica.close();
  }

  private static PostgresServer replicaServer() {
    return postgres.replicasOf(0).get(0);
  }

  private static Connection asPlainRole(PostgresServer server) throws SQLException {
    return DriverManager.getConnection(
        server.jdbcUrl(postgres.database()).replace("user=postgres", "user=plain"));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private void awaitVisible(long position) {
    await()
        .pollInterval(Duration.ofMillis(2))
        .until(() -> PROBE.visible(replica), visible -> visible >= position);
  }

  @Test
  void tellsWhoIsWhoAndHowFar() throws SQLException {
    execute(primary, "INSERT INTO rows VALUES (1)");
    NodeStatus leader = PROBE.status(primary);
    assertThat(leader.role()).isEqualTo(NodeRole.PRIMARY);
    assertThat(leader.timeline()).hasValue(1);
    assertThat(leader.position()).isPositive();
    assertThat(leader.streaming()).isTrue();
    assertThat(leader.sinceReplay()).isEmpty();
    awaitVisible(leader.position());
    NodeStatus follower = PROBE.status(replica);
    assertThat(follower.role()).isEqualTo(NodeRole.REPLICA);
    assertThat(follower.timeline()).hasValue(1);
    assertThat(follower.streaming()).isTrue();
    assertThat(follower.sinceReplay()).isPresent();
    assertThat(follower.cluster()).isEqualTo(leader.cluster());
    assertThat(follower.incarnation()).isNotEqualTo(leader.incarnation());
  }

  @Test
  void aRoleWithoutPrivilegesIsToldTheSame() throws SQLException {
    try (Connection plainPrimary = asPlainRole(postgres.server(0));
        Connection plainReplica = asPlainRole(replicaServer())) {
      NodeStatus leader = PROBE.status(plainPrimary);
      NodeStatus follower = PROBE.status(plainReplica);
      assertThat(leader.incarnation()).isEqualTo(PROBE.status(primary).incarnation());
      assertThat(leader.timeline()).hasValue(1);
      assertThat(follower.timeline()).hasValue(1);
      assertThat(follower.streaming()).isTrue();
      assertThat(PROBE.written(plainPrimary).position()).isPositive();
      assertThat(PROBE.ends(plainPrimary)).isEmpty();
    }
  }

  @Test
  void aPrivilegeThatIsMissingIsNamedWithTheMend() throws SQLException {
    execute(primary, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
    try (Connection plainPrimary = asPlainRole(postgres.server(0))) {
      assertThatThrownBy(() -> PROBE.status(plainPrimary))
          .isInstanceOf(SQLFeatureNotSupportedException.class)
          .hasMessageContaining("pg_control_system")
          .hasMessageContaining("GRANT");
    } finally {
      execute(primary, "GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
    }
  }

  @Test
  void whatWasCommittedIsVisibleWhereTheReplicaHasReachedIt() throws SQLException {
    for (String mode : new String[] {"on", "local", "off"}) {
      execute(primary, "SET synchronous_commit = " + mode);
      for (int round = 0; round < 30; round++) {
        long before = number(primary, "SELECT count(*) FROM rows");
        execute(primary, "INSERT INTO rows SELECT generate_series(0, " + 7 * round + ")");
        Position written = PROBE.written(primary);
        assertThat(written.incarnation()).isEqualTo(1);
        awaitVisible(written.position());
        assertThat(number(replica, "SELECT count(*) FROM rows")).isEqualTo(before + 7L * round + 1);
      }
    }
  }

  @Test
  void aPositionAtThePagesEndIsReachedWithoutAnotherWrite() throws SQLException {
    execute(primary, "SET synchronous_commit = off");
    for (int round = 0; round < 4; round++) {
      fillPage();
      long raw = number(primary, "SELECT pg_current_wal_insert_lsn() - '0/0'");
      // one of the two: each may have what is there flushed by a record of its own
      long position =
          round % 2 == 0 ? PROBE.written(primary).position() : PROBE.status(primary).position();
      if (raw % 8192 == 24) { // else another record, of the background writer, has come in between
        assertThat(position).isLessThanOrEqualTo(raw - 24);
      }
      awaitVisible(position);
    }
  }

  /** Writes records until one ends where its page does. */
  private void fillPage() throws SQLException {
    long header = 24;
    for (int attempt = 0; attempt < 500; attempt++) {
      long insert = number(primary, "SELECT pg_current_wal_insert_lsn() - '0/0'");
      if (insert % 8192 == header) {
        return;
      }
      // a message's own size, rounded up to 8, and 24 + 5 + 24 + 8 of headers and prefix
      long left = 8192 - insert % 8192;
      long size = left > 400 ? left - 300 + attempt % 100 : Math.max(1, left - 64 + attempt % 16);
      execute(
          primary, "SELECT pg_logical_emit_message(false, 'pad', repeat('x', " + size + "), true)");
    }
    throw new AssertionError("no record ended at a page's end");
  }

  @Test
  void anOpenTransactionOfAnotherHoldsUpNobodyWhoWaits() throws SQLException {
    try (Connection bulk = postgres.dataSource(0).getConnection()) {
      bulk.setAutoCommit(false);
      for (int round = 1; round <= 5; round++) {
        execute(bulk, "INSERT INTO rows SELECT generate_series(1, " + 1000 * round + ")");
        // the WAL writer has flushed whole pages, and now stands in the middle of a record
        await()
            .until(
                () -> number(primary, "SELECT (pg_current_wal_flush_lsn() - '0/0') % 8192") == 0);
        Position written = PROBE.written(primary);
        awaitVisible(written.position());
      }
      bulk.rollback();
    }
  }

  /** Such a position is a target for whoever reads after a commit, and what lag is told by. */
  @Test
  void thePositionOfAPrimaryIsReachedWithoutAnotherWrite() throws SQLException {
    try (Connection bulk = postgres.dataSource(0).getConnection()) {
      bulk.setAutoCommit(false);
      for (int round = 1; round <= 5; round++) {
        execute(bulk, "INSERT INTO rows SELECT generate_series(1, " + 1000 * round + ")");
        await()
            .until(
                () -> number(primary, "SELECT (pg_current_wal_flush_lsn() - '0/0') % 8192") == 0);
        awaitVisible(PROBE.status(primary).position());
      }
      bulk.rollback();
    }
  }

  /** What it has written since is not flushed by anybody else's asynchronous commit. */
  @Test
  void anOpenTransactionHoldsUpNobodyWhoCommitsAsynchronously() throws SQLException {
    execute(primary, "SET synchronous_commit = off");
    try (Connection open = postgres.dataSource(0).getConnection()) {
      open.setAutoCommit(false);
      for (int round = 1; round <= 5; round++) {
        execute(primary, "INSERT INTO rows VALUES (1)");
        execute(open, "INSERT INTO rows VALUES (2)");
        awaitVisible(PROBE.written(primary).position());
      }
      open.rollback();
    }
  }

  @Test
  void aReplicaThatIsPausedStaysWhereItIs() throws SQLException {
    replicaServer().pauseReplay();
    try {
      long before = PROBE.status(replica).position();
      execute(primary, "INSERT INTO rows VALUES (1)");
      long written = PROBE.written(primary).position();
      assertThat(written).isGreaterThan(before);
      assertThat(PROBE.visible(replica)).isEqualTo(before);
      assertThat(PROBE.status(replica).position()).isEqualTo(before);
    } finally {
      replicaServer().resumeReplay();
    }
  }

  @Test
  void itCostsARoundTrip() throws SQLException {
    for (Connection connection : new Connection[] {primary, replica}) {
      for (int warmUp = 0; warmUp < 300; warmUp++) {
        PROBE.status(connection);
      }
      long began = System.nanoTime();
      for (int count = 0; count < 300; count++) {
        PROBE.status(connection);
      }
      long status = (System.nanoTime() - began) / 300_000;
      began = System.nanoTime();
      for (int count = 0; count < 300; count++) {
        PROBE.visible(connection);
      }
      long visible = (System.nanoTime() - began) / 300_000;
      System.out.printf(
          "FIGURE %s: status %d us, visible %d us%n",
          PROBE.status(connection).role(), status, visible);
      assertThat(PROBE.status(connection).streaming()).isTrue();
    }
  }

  @Test
  void aReplicaIsNotAskedForWhatWasWritten() {
    assertThatThrownBy(() -> PROBE.written(replica)).isInstanceOf(SQLException.class);
  }

  @Test
  void itsErrorsSayWhatTheyMean() throws SQLException {
    assertThatThrownBy(() -> execute(replica, "INSERT INTO rows VALUES (1)"))
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(PROBE.classify(e)).isEqualTo(FailureKind.READ_ONLY));
    int pid = (int) number(replica, "SELECT pg_backend_pid()");
    try (Connection other = replicaServer().dataSource().getConnection()) {
      execute(other, "SELECT pg_terminate_backend(" + pid + ")");
    }
    assertThatThrownBy(() -> number(replica, "SELECT 1"))
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(PROBE.classify(e)).isEqualTo(FailureKind.CONNECTION_LOST));
  }

  @Test
  void aCommitWhoseWaitForAReplicaWasCancelledIsUnconfirmed() throws Exception {
    postgres.server(0).synchronousReplicas(1, replicaServer());
    replicaServer().stop();
    try (Connection other = postgres.dataSource(0).getConnection()) {
      int pid = (int) number(primary, "SELECT pg_backend_pid()");
      primary.setAutoCommit(false);
      execute(primary, "INSERT INTO rows VALUES (1)");
      primary.clearWarnings();
      CompletableFuture<Void> committing = CompletableFuture.runAsync(() -> commit(primary));
      await()
          .until(
              () ->
                  number(
                          other,
                          "SELECT count(*) FROM pg_stat_activity"
                              + " WHERE wait_event = 'SyncRep' AND pid = "
                              + pid)
                      == 1);
      execute(other, "SELECT pg_cancel_backend(" + pid + ")");
      committing.join();
      SQLWarning warning = primary.getWarnings();
      assertThat((Object) warning).isNotNull();
      assertThat(PROBE.leavesCommitUnconfirmed(warning)).as(warning.getMessage()).isTrue();
    } finally {
      replicaServer().resume();
      postgres.server(0).synchronousReplicas(0);
    }
    assertThat(PROBE.leavesCommitUnconfirmed(new SQLWarning("a trigger's", "01000"))).isFalse();
  }

  private static void commit(Connection connection) {
    try {
      connection.commit();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aServerThatIsNotPostgresIsNamed() {
    DatabaseMetaData metaData =
        (DatabaseMetaData)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                (proxy, method, arguments) -> "MariaDB");
    Connection other =
        (Connection)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> metaData);
    assertThatThrownBy(() -> PROBE.status(other))
        .isInstanceOf(SQLFeatureNotSupportedException.class)
        .hasMessageContaining("the server is MariaDB, not PostgreSQL");
  }

  @Test
  void aPromotionBeginsATimelineAndTellsWhereTheLastOneEnded() throws SQLException {
    execute(primary, "INSERT INTO rows VALUES (1)");
    long written = PROBE.written(primary).position();
    awaitVisible(written);
    NodeStatus before = PROBE.status(replica);
    postgres.server(0).kill();
    try {
      await().until(() -> !PROBE.status(replica).streaming());
      assertThat(PROBE.status(replica).timeline()).hasValue(1);
      replicaServer().promote();
      NodeStatus after = PROBE.status(replica);
      assertThat(after.role()).isEqualTo(NodeRole.PRIMARY);
      assertThat(after.timeline()).hasValue(2);
      assertThat(after.incarnation()).isEqualTo(before.incarnation());
      assertThat(after.cluster()).isEqualTo(before.cluster());
      Map<Long, Long> ends = PROBE.ends(replica);
      assertThat(ends).containsOnlyKeys(1L);
      assertThat(ends.get(1L)).isGreaterThanOrEqualTo(before.position());
      assertThat(PROBE.written(replica).incarnation()).isEqualTo(2);
    } finally {
      postgres.heal();
    }
  }
}
