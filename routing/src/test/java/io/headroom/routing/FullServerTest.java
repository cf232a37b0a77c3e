package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.TimeSource;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A primary with {@code max_connections} of them is a primary still. */
class FullServerTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  /** Of ten connections, three are the superusers'. */
  private static final int FOR_EVERYBODY = 7;

  /** Reopens with every other probe or so. */
  private static final MonitorSettings OFTEN =
      new MonitorSettings(Duration.ofMillis(50), Duration.ofSeconds(10), Duration.ofMillis(80));

  /** Asks only when told to, so that what the probe has lost others get first. */
  private static final MonitorSettings ON_DEMAND =
      new MonitorSettings(Duration.ofHours(1), Duration.ofSeconds(10), Duration.ofHours(1));

  private static PostgresCluster cluster;
  private static PostgresServer server;

  private final Deque<Connection> others = new ArrayDeque<>();
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger lent = new AtomicInteger();
  private final Queue<String> withoutAutoCommit = new ConcurrentLinkedQueue<>();
  private final Queue<Topology> changes = new ConcurrentLinkedQueue<>();
  private final ProbeThreads threads = ProbeThreads.create(2);
  private final Queue<Object> taken = new ConcurrentLinkedQueue<>();
  private volatile boolean listenersTake;
  private HikariDataSource pool;
  private Node node;
  private @Nullable TopologyMonitor monitor;

  @BeforeAll
  static void start() throws SQLException {
    cluster = PostgresCluster.builder().setting("max_connections", "10").start();
    server = cluster.server(0);
    asSuperuser("CREATE ROLE app LOGIN");
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  @BeforeEach
  void openPool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url());
    config.setMaximumPoolSize(2);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(1_000);
    config.setAutoCommit(false); // which a probe's are not
    pool = new HikariDataSource(config);
    node = TestNodes.named("a").get(0);
  }

  @AfterEach
  void close() throws SQLException {
    if (monitor != null) {
      monitor.close();
    }
    threads.close();
    pool.close();
    leaveRoom();
    await().until(() -> sessions("true") == 0);
  }

  private static String url() {
    return server.jdbcUrl().replace("user=postgres", "user=app");
  }

  /** Through connections that are reserved for superusers. */
  private static void asSuperuser(String sql) throws SQLException {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int sessions(String which) throws SQLException {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND " + which)) {
      row.next();
      return row.getInt(1);
    }
  }

  private static int probeSessions() throws SQLException {
    return sessions("application_name = 'headroom-probe'");
  }

  /** Others take what is left; sessions that are just ending give theirs back a moment later. */
  private void fill() {
    await()
        .until(
            () -> {
              takeWhatIsLeft();
              return sessions("true") == FOR_EVERYBODY;
            });
  }

  private void takeWhatIsLeft() {
    assertThatThrownBy(
            () -> {
              while (others.size() < 100) {
                others.add(DriverManager.getConnection(url()));
              }
            })
        .isInstanceOfSatisfying(
            SQLException.class, full -> assertThat(full.getSQLState()).isEqualTo("53300"));
  }

  private void leaveRoom() throws SQLException {
    while (!others.isEmpty()) {
      others.pop().close();
    }
  }

  private ProbeConnections counted(ProbeConnections made) {
    return new ProbeConnections() {
      @Override
      public Connection open() throws SQLException {
        try {
          Connection connection = made.open();
          opened.incrementAndGet();
          return connection;
        } catch (SQLException failure) {
          if ("53300".equals(failure.getSQLState())) {
            refused.incrementAndGet();
          }
          throw failure;
        }
      }

      @Override
      public @Nullable Connection lent() throws SQLException {
        Connection connection = made.lent();
        if (connection != null) {
          lent.incrementAndGet();
        }
        return connection;
      }
    };
  }

  /** Notes what it is asked on a connection that begins a transaction. */
  private ReplicationProbe noting(ReplicationProbe probe) {
    return (ReplicationProbe)
        Proxy.newProxyInstance(
            FullServerTest.class.getClassLoader(),
            new Class<?>[] {ReplicationProbe.class},
            (proxy, method, arguments) -> {
              if (arguments != null
                  && arguments[0] instanceof Connection asked
                  && !asked.getAutoCommit()) {
                withoutAutoCommit.add(method.getName());
              }
              try {
                return method.invoke(probe, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  private TopologyMonitor watch(MonitorSettings settings) throws InterruptedException {
    TopologyMonitor made =
        new TopologyMonitor(
            "orders",
            List.of(node),
            List.of(counted(ProbeConnections.beside(pool, settings.timeout()))),
            noting(ReplicationProbe.postgres()),
            settings,
            threads,
            null,
            TimeSource.system(),
            new ProbeObserver() {
              @Override
              public void onAnswer(Node answered, Sample sample) {
                takeIfWanted();
              }

              @Override
              public void onFailure(Node failed, Exception cause) {}
            });
    monitor = made;
    made.onChange(changes::add);
    made.start();
    assertThat(made.awaitPrimary(-1, LONG).primary()).isSameAs(node);
    return made;
  }

  /** As a listener may, who has something to write. */
  private void takeIfWanted() {
    if (listenersTake) {
      try (Connection mine = pool.getConnection();
          Statement statement = mine.createStatement()) {
        taken.add(statement.executeUpdate("CREATE TEMPORARY TABLE written (at int)"));
        mine.rollback();
      } catch (SQLException none) {
        taken.add(none);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void staysThePrimaryWhileItsProbeCanBeGivenNoNewConnection(boolean hasIdle) throws Exception {
    if (hasIdle) {
      pool.getConnection().close(); // which the probe does not need, having its own
    }
    TopologyMonitor watching = watch(OFTEN);
    await().until(() -> opened.get() >= 3);
    // between two of its reopenings there may be room for one more
    await()
        .until(
            () -> {
              fill();
              return refused.get() >= 3;
            });
    int before = refused.get();
    await().until(() -> refused.get() >= before + 5);
    assertThat(watching.current().primary()).isSameAs(node);
    assertThat(changes).as("changes of who is the primary").hasSize(1);
    assertThat(probeSessions()).isEqualTo(1);
    assertThat(lent).hasValue(0);

    leaveRoom();
    int then = opened.get();
    await().until(() -> opened.get() >= then + 3);
    assertThat(watching.current().primary()).isSameAs(node);
    assertThat(changes).hasSize(1);
    await().until(() -> probeSessions() <= 1);
  }

  private static void breakProbe() throws SQLException {
    asSuperuser(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            + " WHERE application_name = 'headroom-probe'");
  }

  @Test
  void isAskedOnAConnectionOfThePoolWhereTheProbeCanHaveNoneOfItsOwn() throws Exception {
    pool.getConnection().close();
    TopologyMonitor watching = watch(ON_DEMAND);
    fill();
    breakProbe();
    fill();
    assertThat(watching.probeNow(node, LONG)).isTrue();
    assertThat(opened).hasValue(1);
    assertThat(lent).hasValue(1);
    assertThat(watching.current().primary()).isSameAs(node);
    assertThat(changes).as("changes of who is the primary").hasSize(1);
    assertThat(probeSessions()).isZero();
    await().until(() -> inUse() == 0);
    int knocked = refused.get();
    assertThat(watching.probeNow(node, LONG)).as("again and again").isTrue();
    await().until(() -> inUse() == 0);
    assertThat(refused).as("without a new one each time").hasValue(knocked);
    assertThat(withoutAutoCommit).isEmpty();
  }

  /** The server has no other for it. */
  @Test
  void whoIsToldCanTakeTheConnectionThatTheProbeWasLent() throws Exception {
    pool.getConnection().close();
    TopologyMonitor watching = watch(ON_DEMAND);
    fill();
    breakProbe();
    fill();
    listenersTake = true;
    assertThat(watching.probeNow(node, LONG)).isTrue();
    listenersTake = false;
    assertThat(lent).hasValue(1);
    assertThat(taken).containsExactly(0);
  }

  /** The pool's own connections come back first, and then there is no room for the probe. */
  @Test
  void staysThePrimaryThoughItIsRestartedAndFullAtOnce() throws Exception {
    TopologyMonitor watching = watch(ON_DEMAND);
    server.kill();
    server.restart();
    others.clear();
    pool.getConnection().close();
    fill();
    watching.movedOn(
        node, "another run"); // as a borrower says that meets another run of the server
    assertThat(watching.probeNow(node, LONG)).isTrue();
    assertThat(watching.current().primary()).isSameAs(node);
    assertThat(lent).hasPositiveValue();
  }

  private int inUse() {
    return pool.getHikariPoolMXBean().getActiveConnections();
  }

  /** Who has no connection to it can do nothing there, and does not know what it is. */
  @Test
  void isNotUsedWhereNobodyHasAConnectionAndSaysWhy() throws Exception {
    TopologyMonitor watching = watch(ON_DEMAND);
    fill();
    breakProbe();
    fill();
    assertThat(watching.probeNow(node, LONG)).isFalse();
    await().until(() -> watching.current().primary() == null);
    assertThat(watching.current().trouble()).startsWith("'a' cannot be used: FATAL: ");
    leaveRoom();
    await().until(() -> watching.probeNow(node, LONG));
    await().until(() -> watching.current().primary() == node);
  }
}
