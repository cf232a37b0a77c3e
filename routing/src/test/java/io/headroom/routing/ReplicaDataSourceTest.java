package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.RetryLater;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // scopes are opened for their effect
class ReplicaDataSourceTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  private Fleet fleet;

  @BeforeEach
  void open() throws SQLException {
    List<PostgresServer> servers = new ArrayList<>(List.of(postgres.server(0)));
    servers.addAll(postgres.replicasOf(0));
    fleet = new Fleet(servers, postgres.database(), builder -> builder);
    fleet.createTable();
  }

  @AfterEach
  void nothingIsLeaked() {
    assertThat(fleet.borrowed()).as("connections not given back").isZero();
    assertThat(fleet.dataSource().nodes()).allMatch(view -> view.inFlight() == 0);
    fleet.close();
    postgres.heal();
  }

  /** A busy machine's replicas may take longer than a read waits for them. */
  private void awaitReplay() {
    replicas().forEach(replica -> replica.awaitReplayOf(postgres.server(0)));
  }

  private List<PostgresServer> replicas() {
    return postgres.replicasOf(0);
  }

  @Test
  void declaredReadsGoToReplicasAndEverythingElseToThePrimary() throws SQLException {
    Set<String> read = new TreeSet<>();
    for (int i = 0; i < 50; i++) {
      read.add(fleet.readNode());
      assertThat(fleet.writeNode()).isEqualTo("postgres-0");
    }
    assertThat(read).containsExactlyInAnyOrder(replicas().get(0).name(), replicas().get(1).name());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReadOnlyConnectionNeverWritesWhereverItRuns(boolean autoCommit) throws SQLException {
    for (Consistency consistency : List.of(Consistency.EVENTUAL, Consistency.STRONG)) {
      try (RequestContext.Scope scope = asking(consistency);
          Connection connection = fleet.dataSource().getConnection()) {
        connection.setReadOnly(true);
        connection.setAutoCommit(autoCommit);
        try (Statement statement = connection.createStatement()) {
          assertThatThrownBy(() -> statement.execute("INSERT INTO notes VALUES (1, 'never')"))
              .asInstanceOf(InstanceOfAssertFactories.throwable(SQLException.class))
              .extracting(SQLException::getSQLState)
              .isEqualTo("25006");
        }
        if (!autoCommit) {
          connection.rollback();
        }
      }
    }
    fleet.insert(1); // the same pool's connections write again
  }

  @Test
  void aWrittenConnectionThatIsDeclaredReadOnlyNeverWritesThoughAStatementKeepsItThere()
      throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO notes VALUES (1, 'x')");
      connection.setReadOnly(true);
      assertThatThrownBy(() -> statement.execute("INSERT INTO notes VALUES (2, 'never')"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
      connection.setReadOnly(false);
      statement.execute("INSERT INTO notes VALUES (3, 'x')");
      connection.setReadOnly(true);
    }
    for (int i = 0; i < 2 * Fleet.POOL_SIZE; i++) {
      fleet.insert(4 + i); // the same pool's connections write again
    }
  }

  private static String pathOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW search_path")) {
      row.next();
      return row.getString(1);
    }
  }

  /** As Hibernate does for a tenant: the pool would not take it back. */
  @Test
  void aSchemaThatIsSetForOneCallerIsNotLeftToTheNext() throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      String before = connection.getSchema();
      assertThat(pathOf(connection)).isEqualTo("\"$user\", public");
      connection.setSchema("pg_catalog");
      connection.setClientInfo("ApplicationName", "tenant");
      fleet.nodeOf(connection);
      connection.setReadOnly(true);
      fleet.nodeOf(connection);
      connection.setSchema(before);
    }
    for (int i = 0; i < 2 * Fleet.POOL_SIZE; i++) {
      try (Connection connection = fleet.dataSource().getConnection()) {
        assertThat(pathOf(connection)).isEqualTo("\"$user\", public");
        assertThat(connection.getClientInfo("ApplicationName")).isNotEqualTo("tenant");
      }
    }
  }

  @Test
  void aClosedOneGivesNoConnectionsSinceItWouldNotHearOfAFailover() throws SQLException {
    List<PostgresServer> servers = new ArrayList<>(List.of(postgres.server(0)));
    servers.addAll(replicas());
    ProbeThreads threads = ProbeThreads.create(2);
    try (Fleet closed = new Fleet(servers, postgres.database(), to -> to);
        Fleet threadless =
            new Fleet(servers, postgres.database(), to -> to.probeThreads(threads))) {
      assertThat(threadless.writeNode()).isEqualTo("postgres-0");
      closed.dataSource().close();
      threads.close();
      for (Fleet each : List.of(closed, threadless)) {
        assertThatThrownBy(each::writeNode)
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"))
            .hasMessageContaining("cluster 'orders' is closed, or its ProbeThreads are");
        assertThatThrownBy(each::readNode).hasMessageContaining("is closed");
        assertThatThrownBy(() -> each.dataSource().read(each::nodeOf))
            .hasMessageContaining("is closed");
      }
    }
  }

  private static RequestContext.Scope asking(Consistency consistency) {
    return RequestContext.builder().with(Consistency.KEY, consistency).build().attach();
  }

  @Test
  void aCallerSeesItsOwnWrites() throws SQLException {
    try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
      for (long id = 1; id <= 200; id++) {
        fleet.insert(id);
        assertThat(fleet.sees(id)).as("own write %s", id).isTrue();
      }
    }
  }

  /** As a session does that is open for a whole view: one connection, several transactions. */
  @Test
  void oneConnectionReadsAndWritesInTurn() throws SQLException {
    try (RequestContext.Scope scope = RequestContext.builder().build().attach();
        Connection connection = fleet.dataSource().getConnection()) {
      for (long id = 1; id <= 20; id++) {
        connection.setAutoCommit(false);
        connection.setReadOnly(false);
        try (Statement statement = connection.createStatement()) {
          statement.execute("INSERT INTO notes VALUES (" + id + ", 'x')");
        }
        assertThat(fleet.nodeOf(connection)).isEqualTo("postgres-0");
        connection.commit();
        awaitReplay();
        connection.setReadOnly(true);
        assertThat(Fleet.sees(connection, id)).as("own write %s", id).isTrue();
        assertThat(fleet.nodeOf(connection)).startsWith("postgres-0-replica");
        connection.commit();
        connection.setAutoCommit(true);
      }
    }
  }

  /** As a view does that loads lazily after its transaction has ended. */
  @Test
  void autocommitReadsOfARequestThatSaysSoAreReads() throws SQLException {
    RequestContext request =
        RequestContext.builder().with(ReplicaDataSource.AUTOCOMMIT_READS, true).build();
    try (RequestContext.Scope scope = request.attach();
        Connection connection = fleet.dataSource().getConnection()) {
      for (long id = 1; id <= 10; id++) {
        assertThat(fleet.nodeOf(connection)).startsWith("postgres-0-replica");
        try (Statement statement = connection.createStatement()) {
          assertThatThrownBy(() -> statement.execute("INSERT INTO notes VALUES (0, 'never')"))
              .hasMessageContaining("read-only");
        }
        connection.setAutoCommit(false);
        assertThat(fleet.nodeOf(connection)).isEqualTo("postgres-0");
        try (Statement statement = connection.createStatement()) {
          statement.execute("INSERT INTO notes VALUES (" + id + ", 'x')");
        }
        connection.commit();
        awaitReplay();
        connection.setReadOnly(true);
        assertThat(Fleet.sees(connection, id)).as("own write %s", id).isTrue();
        assertThat(fleet.nodeOf(connection)).startsWith("postgres-0-replica");
        connection.commit();
        connection.setAutoCommit(true);
        connection.setReadOnly(false);
      }
    }
    try (Connection connection = fleet.dataSource().getConnection()) {
      assertThat(fleet.nodeOf(connection)).as("any other request").isEqualTo("postgres-0");
    }
  }

  @Test
  void aReadThatAReplicaEndsIsDoneAgainElsewhere() throws Exception {
    List<String> nodes = new ArrayList<>();
    String answer =
        fleet
            .dataSource()
            .read(
                connection -> {
                  nodes.add(fleet.nodeOf(connection));
                  if (nodes.size() == 1) {
                    throw new SQLException("canceling statement due to conflict", "40001");
                  }
                  return "read";
                });
    assertThat(answer).isEqualTo("read");
    assertThat(nodes).hasSize(2).doesNotHaveDuplicates();
    assertThatThrownBy(
            () ->
                fleet
                    .dataSource()
                    .read(
                        connection -> {
                          nodes.add("once");
                          throw new SQLException("syntax", "42601");
                        }))
        .hasMessage("syntax");
    assertThat(nodes).hasSize(3);
  }

  @Test
  void readsOfARequestNeverStepBack() throws SQLException {
    PostgresServer ahead = replicas().get(0);
    PostgresServer behind = replicas().get(1);
    behind.pauseReplay();
    try {
      fleet.insert(1);
      ahead.awaitReplayOf(postgres.server(0));
      for (int attempt = 0; attempt < 20; attempt++) {
        try (RequestContext.Scope scope = asking(Consistency.MONOTONIC)) {
          boolean seen = false;
          for (int i = 0; i < 5; i++) {
            boolean sees = fleet.sees(1);
            assertThat(sees || !seen).as("a row that was seen is still there").isTrue();
            seen |= sees;
          }
        }
      }
    } finally {
      behind.resumeReplay();
    }
  }

  @Test
  void whileReplayIsPausedOwnWritesAreReadFromThePrimary() throws SQLException {
    replicas().forEach(PostgresServer::pauseReplay);
    try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
      fleet.insert(1);
      assertThat(fleet.readNode()).isEqualTo("postgres-0");
      assertThat(fleet.sees(1)).isTrue();
    } finally {
      replicas().forEach(PostgresServer::resumeReplay);
    }
    assertThat(fleet.readNode()).as("without a token").startsWith("postgres-0-replica");
  }

  @Test
  void aReplicaThatDoesNotMoveIsWaitedForOnce() throws SQLException {
    List<Long> waits = new ArrayList<>();
    replicas().get(1).kill();
    try (Fleet watched =
            new Fleet(
                List.of(postgres.server(0), replicas().get(0)),
                postgres.database(),
                builder ->
                    builder
                        .replicaWait(Duration.ofSeconds(1)) // no look takes so long
                        .listener(
                            new RoutingListener() {
                              @Override
                              public void onWaited(
                                  String cluster, String node, long nanos, boolean caughtUp) {
                                if (nanos >= 1_000_000_000) {
                                  waits.add(nanos);
                                }
                              }
                            }));
        RequestContext.Scope scope = RequestContext.builder().build().attach()) {
      replicas().get(0).pauseReplay();
      watched.insert(1);
      for (int i = 0; i < 10; i++) {
        assertThat(watched.sees(1)).isTrue();
      }
      assertThat(waits).as("waits to the end").hasSize(1);
      replicas().get(0).resumeReplay();
      Awaitility.await()
          .untilAsserted(() -> assertThat(watched.readNode()).isEqualTo(replicas().get(0).name()));
    }
  }

  @Test
  void aTokenCarriesOwnWritesToAnotherRequest() throws SQLException {
    replicas().get(0).pauseReplay();
    try {
      String cookie;
      try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
        fleet.insert(7);
        cookie = RequestContext.current().token().toString();
      }
      replicas().get(1).awaitReplayOf(postgres.server(0));
      RequestContext next = RequestContext.builder().build();
      next.observe(ConsistencyToken.parse(cookie));
      try (RequestContext.Scope scope = next.attach()) {
        for (int i = 0; i < 20; i++) {
          assertThat(fleet.sees(7)).isTrue();
        }
        assertThat(fleet.readNode()).isEqualTo(replicas().get(1).name());
      }
    } finally {
      replicas().get(0).resumeReplay();
    }
  }

  @Test
  void aDeadReplicaIsLeftAloneAndComesBack() throws SQLException {
    PostgresServer victim = replicas().get(0);
    victim.kill();
    for (int i = 0; i < 50; i++) {
      assertThat(fleet.readNode()).isEqualTo(replicas().get(1).name());
    }
    victim.restart();
    fleet.awaitCaughtUp();
    Set<String> read = new TreeSet<>();
    for (int i = 0; i < 2_000 && read.size() < 2; i++) {
      read.add(fleet.readNode());
    }
    assertThat(read).hasSize(2);
  }

  @Test
  void withoutAnyReplicaThePrimaryServesWithinItsBudget() throws SQLException {
    replicas().forEach(PostgresServer::kill);
    int served = 0;
    NoFreshReplicaException refused = null;
    for (int i = 0; i < 300 && refused == null; i++) {
      try {
        assertThat(fleet.readNode()).isEqualTo("postgres-0");
        served++;
      } catch (NoFreshReplicaException e) {
        refused = e;
      }
    }
    assertThat(served).isBetween(50, 299);
    assertThat(refused.retryAfter()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(1));
    assertThat(refused.getMessage()).contains("no replica can be reached");
    assertThat((Throwable) refused)
        .as("what callers and frameworks know it by")
        .isInstanceOf(RetryLater.class)
        .isInstanceOf(SQLTransientConnectionException.class);
  }

  @Test
  void saysHowItsNodesFare() {
    assertThat(fleet.dataSource().nodes())
        .extracting(NodeView::name)
        .containsExactly("postgres-0", replicas().get(0).name(), replicas().get(1).name());
    assertThat(fleet.view("postgres-0").role()).contains(NodeRole.PRIMARY);
    assertThat(fleet.dataSource()).asString().contains("orders", "postgres-0");
  }
}
