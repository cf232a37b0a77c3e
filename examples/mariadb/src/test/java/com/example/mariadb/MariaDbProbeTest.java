package com.example.mariadb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.routing.Consistency;
import io.headroom.routing.NodeView;
import io.headroom.routing.PrimaryDemotedException;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.ReplicaDataSourceBuilder;
import io.headroom.routing.RouteReason;
import io.headroom.routing.RoutingListener;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The probe under a {@link ReplicaDataSource}, over a real primary and two real replicas. */
@SuppressWarnings("try") // scopes are opened for their effect
class MariaDbProbeTest {

  private final List<MariaDbServer> servers = new ArrayList<>();
  private final Map<String, HikariDataSource> pools = new LinkedHashMap<>();
  private final List<String> routes = new CopyOnWriteArrayList<>();
  private MariaDbServer a;
  private MariaDbServer b;
  private MariaDbServer c;
  private ReplicaDataSource orders;

  @BeforeAll
  static void thereAreBinaries() {
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    Assumptions.assumeTrue(
        platform.equals("Linux amd64"),
        () -> "SKIPPED: the MariaDB binaries are for Linux amd64, and this is " + platform);
  }

  @BeforeEach
  void start() {
    a = started("a", 1);
    b = started("b", 2);
    c = started("c", 3);
    servers.forEach(MariaDbServer::await);
    a.run("CREATE USER replication@localhost IDENTIFIED BY 'secret'");
    a.run("GRANT REPLICATION SLAVE ON *.* TO replication@localhost");
    a.run("CREATE DATABASE shop");
    a.run("CREATE USER shop@localhost IDENTIFIED BY 'secret'");
    a.run("GRANT ALL ON shop.* TO shop@localhost");
    a.run("CREATE TABLE shop.notes (id BIGINT PRIMARY KEY) ENGINE = InnoDB");
    b.follow(a);
    c.follow(a);
    awaitCaughtUp(b, a);
    awaitCaughtUp(c, a);
    orders = dataSource(Duration.ofMillis(100));
  }

  private MariaDbServer started(String name, int id) {
    MariaDbServer server = new MariaDbServer(name, id);
    servers.add(server);
    return server;
  }

  private ReplicaDataSource dataSource(Duration replicaWait) {
    servers.forEach(server -> pools.computeIfAbsent(server.name(), name -> server.pool()));
    // snippet: mariadb-data-source
    ReplicaDataSourceBuilder builder =
        ReplicaDataSource.builder("orders")
            .probe(new MariaDbProbe())
            .primary("a", pools.get("a"))
            .replica("b", pools.get("b"))
            .replica("c", pools.get("c"));
    // end snippet
    return builder
        .probeInterval(Duration.ofMillis(100))
        .replicaWait(replicaWait)
        .primaryWait(MariaDbServer.PATIENCE)
        .listener(
            new RoutingListener() {
              @Override
              public void onRouted(String cluster, String node, RouteReason reason) {
                routes.add(node + " " + reason);
              }
            })
        .build();
  }

  @AfterEach
  void stop() {
    if (orders != null) {
      orders.close();
    }
    pools.values().forEach(HikariDataSource::close);
    servers.forEach(MariaDbServer::close);
  }

  @Test
  void readsGoToReplicasAndWritesToThePrimary() throws SQLException {
    assertThat(write(1)).isEqualTo("a");
    awaitCaughtUp(b, a);
    awaitCaughtUp(c, a);

    for (int i = 0; i < 10; i++) {
      assertThat(read(1)).isIn("b", "c");
    }
    assertThat(orders.nodes()).allMatch(NodeView::up);
    assertThat(routes).contains("a WRITE").anyMatch(route -> route.endsWith(" FRESH"));
  }

  @Test
  void aCallersOwnWriteIsSeen() throws SQLException {
    b.run("STOP SLAVE SQL_THREAD");
    c.run("STOP SLAVE SQL_THREAD");
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      write(1);

      assertThat(read(1)).as("no replica has it").isEqualTo("a");
      assertThat(routes).last().isEqualTo("a SPILLED_LAGGING");

      b.run("START SLAVE SQL_THREAD");
      await().until(() -> read(1).equals("b"));
      assertThat(routes).last().isIn("b FRESH", "b WAITED");
    }
  }

  @Test
  void aReadWaitsForAReplicaThatIsBehind() throws SQLException {
    orders.close();
    orders = dataSource(MariaDbServer.PATIENCE);
    b.run("STOP SLAVE SQL_THREAD");
    c.run("STOP SLAVE SQL_THREAD");
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      write(1);
    }
    ConsistencyToken token = context.token(); // which another request may bring back

    CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> readAfter(token, 1));
    await().until(() -> orders.nodes().stream().anyMatch(MariaDbProbeTest::isWaitedFor));
    b.run("START SLAVE SQL_THREAD");
    c.run("START SLAVE SQL_THREAD");

    assertThat(read.orTimeout(60, TimeUnit.SECONDS).join()).isIn("b", "c");
    assertThat(routes).last().isIn("b WAITED", "c WAITED");
  }

  private static boolean isWaitedFor(NodeView node) {
    return !node.primary() && node.inFlight() > 0;
  }

  @Test
  void aReadOnlyConnectionNeverWrites() throws SQLException {
    refusesWrites(Set.of("b", "c"), 1290); // read_only comes first there: SQLSTATE HY000
  }

  @Test
  void aReadOnlyConnectionNeverWritesThoughItsAccountIsExemptFromReadOnly() throws SQLException {
    a.run("GRANT READ ONLY ADMIN ON *.* TO shop@localhost");
    awaitCaughtUp(b, a);
    awaitCaughtUp(c, a);
    refusesWrites(Set.of("b", "c"), 1792);
  }

  @Test
  void aReadOnlyConnectionNeverWritesOnThePrimaryEither() throws SQLException {
    RequestContext strong =
        RequestContext.builder().with(Consistency.KEY, Consistency.STRONG).build();
    try (RequestContext.Scope scope = strong.attach()) {
      refusesWrites(Set.of("a"), 1792);
    }
  }

  private void refusesWrites(Set<String> nodes, int error) throws SQLException {
    for (boolean autoCommit : List.of(true, false)) {
      try (Connection connection = orders.getConnection()) {
        connection.setReadOnly(true);
        connection.setAutoCommit(autoCommit);
        assertThat(nodeOf(connection)).isIn(nodes);
        for (String sql : List.of("INSERT INTO notes VALUES (1)", "CREATE TABLE more (id INT)")) {
          assertThatThrownBy(() -> execute(connection, sql))
              .isInstanceOfSatisfying(
                  SQLException.class,
                  e -> {
                    assertThat(e.getErrorCode()).isEqualTo(error);
                    assertThat(e.getSQLState()).isEqualTo(error == 1792 ? "25006" : "HY000");
                  });
        }
      }
    }
  }

  @Test
  void aFailoverNeedsNoRestart() throws SQLException {
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      write(1);
    }
    ConsistencyToken before = context.token();
    failOver();

    assertThat(write(2)).as("waits for the new primary").isEqualTo("b");
    assertThat(readAfter(before, 1)).as("tokens hold after the failover").isIn("b", "c");
    await().until(() -> readAfter(before, 1).equals("c"));
    assertThat(routes).last().isIn("c FRESH", "c WAITED");
    try (RequestContext.Scope scope = context.attach()) {
      write(3);
      await().until(() -> read(3).equals("c"));
    }
  }

  @Test
  void twoPrimariesStopTheWritesAndAReplacedOneServesNoOwnWrites() throws SQLException {
    failOver();
    assertThat(write(1)).isEqualTo("b");

    a.start(); // without read_only in its configuration, so it takes writes
    a.await();
    await().until(() -> !hasPrimary());
    awaitCaughtUp(c, b);
    assertThat(read(1)).as("reads go on").isEqualTo("c");

    a.run("SET GLOBAL read_only = 1");
    await().until(this::hasPrimary);
    assertThat(write(2)).isEqualTo("b");

    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      write(3);
      for (int i = 0; i < 10; i++) {
        assertThat(read(3)).as("a has it not").isIn("b", "c");
      }
      a.follow(b);
      await().until(() -> read(3).equals("a"));
    }
  }

  @Test
  void aPlannedSwitchKeepsNothingByHalves() throws SQLException {
    try (Connection connection = orders.getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "INSERT INTO notes VALUES (1)");
      a.run("SET GLOBAL read_only = 1");
      assertThatThrownBy(connection::commit).isInstanceOf(PrimaryDemotedException.class);
    }
    awaitCaughtUp(b, a);
    b.promote();
    a.follow(b);
    c.follow(b);

    assertThat(write(1)).as("it was not kept, so the key is free").isEqualTo("b");
    awaitCaughtUp(a, b);
    awaitCaughtUp(c, b);
    await().until(() -> read(1).equals("a"));
  }

  @Test
  void boundedReadsNeedACaughtUpReplica() throws SQLException {
    RequestContext context =
        RequestContext.builder()
            .with(Consistency.KEY, Consistency.bounded(Duration.ofSeconds(2)))
            .build();
    b.run("STOP SLAVE");
    c.run("STOP SLAVE");
    write(1);
    try (RequestContext.Scope scope = context.attach()) {
      await().until(() -> readNode().equals("a"));

      c.run("START SLAVE");
      await().until(() -> readNode().equals("c"));
      assertThat(read(1)).isEqualTo("c");
    }
  }

  @Test
  void wrongServersAreNamedAtTheStart() {
    orders.close();
    assertThatThrownBy(
            () ->
                ReplicaDataSource.builder("orders")
                    .primary("a", pools.get("a"))
                    .replica("b", pools.get("b"))
                    .build())
        .hasMessageContaining("the server is MariaDB, not PostgreSQL");
    try (HikariDataSource again = a.pool()) {
      assertThatThrownBy(
              () ->
                  ReplicaDataSource.builder("orders")
                      .probe(new MariaDbProbe())
                      .primary("a", pools.get("a"))
                      .replica("b", again)
                      .build())
          .hasMessageContaining("are one server");
    }
    b.run("SET GLOBAL gtid_domain_id = 7");
    assertThatThrownBy(() -> dataSource(Duration.ZERO))
        .hasMessageContaining("reach different databases: 0/shop and 7/shop");
  }

  @Test
  void aDomainIsFoundAmongOthers() {
    assertThat(MariaDbProbe.sequence("", 0)).isZero();
    assertThat(MariaDbProbe.sequence("0-1-4711,7-2-12", 0)).isEqualTo(4711);
    assertThat(MariaDbProbe.sequence("0-1-4711,7-2-12", 7)).isEqualTo(12);
    assertThat(MariaDbProbe.sequence("0-1-4711,7-2-12", 1)).isZero();
  }

  /** The primary dies, b takes its place, and c follows that. */
  private void failOver() {
    awaitCaughtUp(b, a);
    awaitCaughtUp(c, a);
    a.kill();
    b.promote();
    c.follow(b);
  }

  private boolean hasPrimary() {
    return orders.nodes().stream().anyMatch(NodeView::primary);
  }

  /** Inserts a note, and says where. */
  private String write(int id) throws SQLException {
    try (Connection connection = orders.getConnection()) {
      execute(connection, "INSERT INTO notes VALUES (" + id + ")");
      return nodeOf(connection);
    }
  }

  /** Reads a note that is expected to be there, and says where. */
  private String read(int id) throws SQLException {
    try (Connection connection = orders.getConnection()) {
      connection.setReadOnly(true);
      try (Statement statement = connection.createStatement();
          ResultSet note = statement.executeQuery("SELECT 1 FROM notes WHERE id = " + id)) {
        assertThat(note.next()).as("note " + id).isTrue();
      }
      return nodeOf(connection);
    }
  }

  private String readNode() throws SQLException {
    try (Connection connection = orders.getConnection()) {
      connection.setReadOnly(true);
      return nodeOf(connection);
    }
  }

  private String readAfter(ConsistencyToken token, int id) {
    RequestContext context = RequestContext.builder().build();
    context.observe(token);
    try (RequestContext.Scope scope = context.attach()) {
      return read(id);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String nodeOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT @@server_id")) {
      row.next();
      return List.of("a", "b", "c").get(row.getInt(1) - 1);
    }
  }

  private static void awaitCaughtUp(MariaDbServer replica, MariaDbServer primary) {
    String position = primary.position();
    await().until(() -> replica.position().equals(position));
  }

  private static ConditionFactory await() {
    return Awaitility.await().pollInSameThread().atMost(MariaDbServer.PATIENCE); // with its context
  }
}
