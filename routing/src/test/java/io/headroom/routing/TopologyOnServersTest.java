package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.TimeSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;

class TopologyOnServersTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(2).replicas(2).exclusive();

  private static final Duration LONG = Duration.ofSeconds(30);

  private final ProbeThreads threads = ProbeThreads.create(4);
  private List<Node> nodes = List.of();
  private @Nullable TopologyMonitor monitor;

  @BeforeAll
  static void makeRole() throws SQLException {
    execute(postgres.server(0), "CREATE ROLE plain LOGIN");
    for (PostgresServer replica : postgres.replicasOf(0)) {
      replica.awaitReplayOf(postgres.server(0));
    }
  }

  @AfterEach
  void close() {
    if (monitor != null) {
      monitor.close();
    }
    threads.close();
    postgres.heal();
  }

  private static PostgresServer primary() {
    return postgres.server(0);
  }

  private static PostgresServer replica(int number) {
    return postgres.replicasOf(0).get(number);
  }

  private static void execute(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static ProbeConnections to(PostgresServer server, String user) {
    Properties properties = new Properties();
    properties.put("connectTimeout", "2");
    properties.put("socketTimeout", "2");
    String url = server.jdbcUrl().replace("user=postgres", "user=" + user);
    return () -> DriverManager.getConnection(url, properties);
  }

  private TopologyMonitor watch(PostgresServer... servers) throws InterruptedException {
    return watchAs("postgres", servers);
  }

  private TopologyMonitor watchAs(String user, PostgresServer... servers)
      throws InterruptedException {
    return watch(
        MonitorSettings.DEFAULT, Arrays.stream(servers).map(server -> to(server, user)).toList());
  }

  private TopologyMonitor watch(MonitorSettings settings, List<ProbeConnections> connections)
      throws InterruptedException {
    nodes =
        TestNodes.named(
            IntStream.range(0, connections.size())
                .mapToObj(index -> "node " + index)
                .toArray(String[]::new));
    TopologyMonitor made =
        new TopologyMonitor(
            "orders",
            nodes,
            connections,
            ReplicationProbe.postgres(),
            settings,
            threads,
            null,
            TimeSource.system(),
            ProbeObserver.NONE);
    monitor = made;
    made.start();
    made.awaitPrimary(-1, LONG);
    await().until(() -> nodes.stream().allMatch(Node::isUp));
    return made;
  }

  private NodeStatus statusOf(int node) {
    Sample sample = nodes.get(node).sample();
    assertThat(sample).isNotNull();
    return sample.status();
  }

  @Test
  void aPromotedReplicaIsFoundAndTheOldPrimaryIsNeverWrittenToAgain() throws Exception {
    TopologyMonitor watching = watch(primary(), replica(0), replica(1));
    PostgresServer old = primary();
    PostgresServer promoted = replica(0);
    assertThat(watching.current().primary()).isSameAs(nodes.get(0));
    long killed = System.nanoTime();
    old.kill();
    await().pollInterval(Duration.ofMillis(1)).until(() -> watching.current().primary() == null);
    long noticed = millisSince(killed);
    assertThat(watching.current().trouble()).contains("'node 0' does not answer");

    Topology gone = watching.current();
    long asked = System.nanoTime();
    promoted.promote();
    long promotedIn = millisSince(asked);
    Topology found = watching.awaitPrimary(gone.version(), LONG);
    long knownIn = millisSince(asked);
    assertThat(found.primary()).isSameAs(nodes.get(1));
    assertThat(found.timeline()).isEqualTo(2);
    System.out.printf(
        "FIGURE kill: no primary after %d ms; pg_promote returned after %d ms,"
            + " new primary known after %d ms%n",
        noticed, promotedIn, knownIn);
    await().until(() -> watching.current().ends().carriesOver(1, 1, 2));

    old.restart();
    // the monitor notes the answer first, and publishes what it means a moment later
    await().until(() -> watching.current().refused() == nodes.get(0).bit());
    assertThat(nodes.get(0).isUp()).isTrue();
    assertThat(watching.current().primary()).isSameAs(nodes.get(1));
    promoted.kill();
    await().until(() -> watching.current().primary() == null);
    assertThat(watching.current().trouble())
        .contains("'node 0' takes writes, but on timeline 1, and timeline 2 was seen");
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  @Test
  void aPromotionIsSeenWithoutTheOldPrimarysEnd() throws Exception {
    TopologyMonitor watching = watch(primary(), replica(0), replica(1));
    Topology before = watching.current();
    long timeline = before.timeline();
    long asked = System.nanoTime();
    replica(0).promote();
    long promotedIn = millisSince(asked);
    Topology found = watching.awaitPrimary(before.version(), LONG);
    long knownIn = millisSince(asked);
    assertThat(found.primary()).isSameAs(nodes.get(1));
    assertThat(found.timeline()).isEqualTo(timeline + 1);
    assertThat(found.refused()).isEqualTo(nodes.get(0).bit());
    System.out.printf(
        "FIGURE promotion beside a living primary: pg_promote returned after %d ms,"
            + " new primary known after %d ms (interval 500 ms)%n",
        promotedIn, knownIn);
  }

  @Test
  void twoThatTakeWritesOnOneTimelineAreNotWrittenTo() throws Exception {
    PostgresServer first = replica(0);
    PostgresServer second = replica(1);
    TopologyMonitor watching = watch(primary(), first, second);
    primary().kill();
    // neither knows of the other's timeline, and so both take the same number
    first.promote();
    second.promote();
    await().untilAsserted(() -> assertThat(watching.current().trouble()).contains("split brain"));
    assertThat(watching.current().primary()).isNull();
    long both = nodes.get(1).bit() | nodes.get(2).bit();
    await()
        .until(() -> watching.current().refused() == both); // the killed one is no writer, either
  }

  @Test
  void aPrimaryThatHangsIsGivenUpAndTakenBack() throws Exception {
    TopologyMonitor watching = watch(primary(), replica(0));
    long stopped = System.nanoTime();
    primary().stop();
    await().pollInterval(Duration.ofMillis(1)).until(() -> watching.current().primary() == null);
    long noticed = millisSince(stopped);
    assertThat(watching.probeNow(nodes.get(0), Duration.ofMillis(100))).isFalse();
    assertThat(watching.probeNow(nodes.get(1), LONG)).isTrue();
    primary().resume();
    long resumed = System.nanoTime();
    Topology back = watching.awaitPrimary(-1, LONG);
    System.out.printf(
        "FIGURE SIGSTOP: no primary after %d ms; after SIGCONT back in %d ms%n",
        noticed, millisSince(resumed));
    assertThat(back.primary()).isSameAs(nodes.get(0));
  }

  @Test
  void aReplicaThatIsRestartedIsAnotherRun() throws Exception {
    watch(primary(), replica(0));
    NodeStatus before = statusOf(1);
    execute(primary(), "CREATE TABLE IF NOT EXISTS restarted (n int)");
    replica(0).kill();
    await().until(() -> !nodes.get(1).isUp());
    assertThat(statusOf(1).incarnation()).isEqualTo(before.incarnation());
    replica(0).restart();
    await().until(() -> nodes.get(1).isUp());
    assertThat(statusOf(1).incarnation()).isNotEqualTo(before.incarnation());
    assertThat(statusOf(1).cluster()).isEqualTo(before.cluster());
    long written = statusOf(0).position();
    await().until(() -> statusOf(1).position() >= written);
  }

  @Test
  void aServerOfAnotherClusterIsRefused() throws Exception {
    PostgresServer foreign = postgres.server(1);
    TopologyMonitor watching = watch(primary(), replica(0), foreign);
    assertThat(watching.current().primary()).isSameAs(nodes.get(0));
    assertThat(watching.current().refused()).isEqualTo(nodes.get(2).bit());
    primary().kill();
    await().until(() -> watching.current().primary() == null);
    assertThat(watching.current().trouble()).contains("'node 2' is of another cluster");
  }

  @Test
  void oneServerUnderTwoNamesIsUsedOnce() throws Exception {
    ProbeConnections byName =
        () -> DriverManager.getConnection(primary().jdbcUrl().replace("127.0.0.1", "localhost"));
    TopologyMonitor watching =
        watch(
            MonitorSettings.DEFAULT,
            List.of(to(primary(), "postgres"), byName, to(replica(0), "postgres")));
    assertThat(watching.current().primary()).isSameAs(nodes.get(0));
    assertThat(watching.current().refused()).isEqualTo(nodes.get(1).bit());
  }

  @Test
  void aRoleWithoutPrivilegesFollowsAFailoverToo() throws Exception {
    TopologyMonitor watching = watchAs("plain", primary(), replica(0), replica(1));
    long timeline = watching.current().timeline();
    PostgresServer promoted = replica(0);
    PostgresServer follower = replica(1);
    primary().kill();
    promoted.promote();
    await().until(() -> watching.current().primary() == nodes.get(1));
    Topology found = watching.current();
    assertThat(found.timeline()).isGreaterThan(timeline);
    assertThat(found.ends().carriesOver(timeline, 1, found.timeline())).isTrue();
    follower.follow(promoted);
    await().until(() -> nodes.get(2).isUp() && statusOf(2).streaming());
    System.out.printf(
        "FIGURE without pg_monitor a replica on timeline %d says %s; ends %s%n",
        watching.current().timeline(), statusOf(2).timeline(), found.ends());
    assertThat(statusOf(2).timeline().orElse(0)).isLessThanOrEqualTo(watching.current().timeline());
  }

  @Test
  void aPoolThatHasNoConnectionToGiveIsProbedAllTheSame() throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(primary().jdbcUrl());
    config.setMaximumPoolSize(1);
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection only = pool.getConnection()) {
      TopologyMonitor watching =
          watch(
              MonitorSettings.DEFAULT,
              List.of(ProbeConnections.beside(pool, Duration.ofSeconds(1))));
      assertThat(watching.current().primary()).isSameAs(nodes.get(0));
      try (Statement statement = only.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT count(*) FROM pg_stat_activity"
                      + " WHERE application_name = 'headroom-probe'")) {
        row.next();
        assertThat(row.getInt(1)).isEqualTo(1);
      }
    }
  }

  @Test
  void everyWayToConfigureAPoolIsProbedByIt() throws Exception {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(primary().jdbcUrl());
    HikariConfig bySource = new HikariConfig();
    bySource.setDataSource(source);
    HikariConfig byClass = new HikariConfig();
    byClass.setDataSourceClassName(PGSimpleDataSource.class.getName());
    byClass.addDataSourceProperty("url", primary().jdbcUrl());
    HikariConfig byUser = new HikariConfig();
    byUser.setJdbcUrl(primary().jdbcUrl().replace("?user=postgres", ""));
    byUser.setUsername("plain");
    byUser.setPassword("unused");
    byUser.addDataSourceProperty("ApplicationName", "chosen by the user");
    for (HikariConfig config : List.of(bySource, byClass, byUser)) {
      config.setMaximumPoolSize(1);
      try (HikariDataSource pool = new HikariDataSource(config);
          Connection only = pool.getConnection();
          Connection beside = ProbeConnections.beside(pool, Duration.ofSeconds(1)).open()) {
        assertThat(beside.unwrap(Connection.class)).isNotSameAs(only.unwrap(Connection.class));
        assertThat(ReplicationProbe.postgres().status(beside).role()).isEqualTo(NodeRole.PRIMARY);
        if (config == byUser) {
          assertThat(beside.getClientInfo("ApplicationName")).isEqualTo("chosen by the user");
        }
      }
    }
  }

  @Test
  void anotherDataSourceGivesItsOwnConnections() throws Exception {
    ProbeConnections own = ProbeConnections.beside(primary().dataSource(), Duration.ofSeconds(1));
    try (Connection connection = own.open()) {
      assertThat(connection.isValid(5)).isTrue();
    }
    try (Connection connection = ProbeConnections.given(primary().dataSource()).open()) {
      assertThat(connection.isValid(5)).isTrue();
    }
  }
}
