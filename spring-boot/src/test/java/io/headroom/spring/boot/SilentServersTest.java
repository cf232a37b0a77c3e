package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/**
 * Servers that say nothing on connections that are open, as processes that are stopped do, where no
 * URL bounds that. What waits longer than its bound would be seen by the test's own patience.
 */
class SilentServersTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1).exclusive();

  /** What health has for its statement. */
  private static final Duration STATEMENT = Duration.ofSeconds(2);

  /** What the starter's pools have for a connection. */
  private static final Duration CONNECTION = Duration.ofSeconds(2);

  /** What a server has to let health in beside a pool that is full. */
  private static final Duration LOGIN = Duration.ofSeconds(2);

  /** What a login has that may come late. */
  private static final Duration BOUNDED_LOGIN = Duration.ofSeconds(10);

  private static final String HANGING =
      "state = 'active' AND query LIKE 'SELECT pg_sleep%' AND pid <> pg_backend_pid()";

  private static final Duration SEARCH = Duration.ofSeconds(5);
  private static final Duration COMPARISON = Duration.ofSeconds(3);

  @AfterEach
  void heal() {
    postgres.heal();
  }

  /** A machine that does more than this. */
  private static Duration slowly(Duration promised) {
    return promised.plusSeconds(10);
  }

  /** A cancel of which pgjdbc awaits the end has none either, while nothing answers. */
  private static String url(PostgresServer server) {
    return server.jdbcUrl(postgres.database()) + "&connectTimeout=1&cancelSignalTimeout=0";
  }

  private static ApplicationContextRunner runner() {
    return Applications.bare()
        .withPropertyValues("headroom.database.primary.url=" + url(postgres.server(0)));
  }

  private static <T> FutureTask<T> begun(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "test-silent");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  /** The pool has just used its connection, and so does not ask whether it lives. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void healthSaysSo(boolean guarded) {
    runner()
        .withPropertyValues("headroom.guard.enabled=" + guarded)
        .run(
            context -> {
              DatabaseHealth health = context.getBean(DatabaseHealth.class);
              assertThat(health.look().usable()).isTrue();
              postgres.server(0).stop();
              try {
                assertThat(begun(() -> health.look().usable()))
                    .succeedsWithin(slowly(STATEMENT))
                    .isEqualTo(false);
              } finally {
                postgres.server(0).resume();
              }
            });
  }

  /**
   * What somebody else holds is no sign of life. The pool asks over a connection that it has just
   * used, or has none left and waits for a new one.
   */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void healthSaysSoWhileSomebodyHoldsAConnection(boolean guarded, boolean spare) {
    runner()
        .withPropertyValues(
            "headroom.guard.enabled=" + guarded, "headroom.database.pool.maximum-size=2")
        .run(
            context -> {
              DatabaseHealth health = context.getBean(DatabaseHealth.class);
              try (Connection held = context.getBean(DataSource.class).getConnection();
                  Statement statement = held.createStatement()) {
                statement.execute("SELECT 1");
                assertThat(health.look().usable()).isTrue();
                postgres.server(0).stop();
                try {
                  if (!spare) {
                    context
                        .getBean(Databases.class)
                        .primaryOf("database")
                        .getHikariPoolMXBean()
                        .softEvictConnections();
                  }
                  assertThat(begun(() -> health.look().usable()))
                      .succeedsWithin(slowly(CONNECTION.plus(STATEMENT)))
                      .isEqualTo(false);
                } finally {
                  postgres.server(0).resume();
                }
              }
            });
  }

  /**
   * All that a pool may have is in use: where the server answers who knocks, by others; else all of
   * it hangs. That holds also for a driver of which nobody knows how to bound a login.
   */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void healthSaysSoWhileAllConnectionsHang(boolean guarded, boolean bounded) throws Exception {
    String url = url(postgres.server(0));
    RefusingDriver driver =
        new RefusingDriver(new SQLFeatureNotSupportedException("no bound", "0A000"));
    DriverManager.registerDriver(driver);
    try {
      Applications.bare()
          .withPropertyValues(
              "headroom.database.primary.url=" + (bounded ? url : RefusingDriver.url(url)),
              "headroom.guard.enabled=" + guarded,
              "headroom.database.pool.maximum-size=2")
          .run(
              context -> {
                DataSource source = context.getBean(DataSource.class);
                TestTime time = new TestTime();
                DatabaseHealth health = new DatabaseHealth(context.getBean(Overview.class), time);
                List<FutureTask<Boolean>> hanging =
                    List.of(begun(() -> hang(source)), begun(() -> hang(source)));
                awaitHanging(2);
                assertThat(health.look().usable()).as("others work").isTrue();
                postgres.server(0).stop();
                try {
                  assertThat(begun(() -> health.look().usable()))
                      .as("it has answered a moment ago")
                      .succeedsWithin(slowly(CONNECTION.plus(LOGIN)))
                      .isEqualTo(true);
                  time.pass(Knocks.KNOWN_FOR);
                  for (int look = 0; look < 4; look++) {
                    assertThat(begun(() -> health.look().usable()))
                        .succeedsWithin(slowly(CONNECTION.plus(LOGIN)))
                        .isEqualTo(false);
                    assertThat(knocking()).isBetween(1L, (long) Inquiries.MOST_OPEN);
                  }
                  if (bounded) {
                    Awaitility.await()
                        .atMost(slowly(BOUNDED_LOGIN))
                        .untilAsserted(() -> assertThat(knocking()).isZero());
                  }
                } finally {
                  postgres.server(0).resume();
                }
                Awaitility.await().until(() -> health.look().usable());
                endHanging();
                for (FutureTask<Boolean> each : hanging) {
                  assertThat(each)
                      .failsWithin(slowly(STATEMENT))
                      .withThrowableOfType(ExecutionException.class)
                      .withCauseInstanceOf(SQLException.class);
                }
              });
    } finally {
      DriverManager.deregisterDriver(driver);
    }
  }

  /**
   * Servers are slow just when pools are full: each login takes longer than a look waits for it.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerWhoseLoginsAreSlowIsThere(boolean guarded) {
    runner()
        .withPropertyValues(
            "headroom.guard.enabled=" + guarded,
            "headroom.database.pool.maximum-size=1",
            "headroom.database.pool.connection-timeout=250ms")
        .run(
            context -> {
              DatabaseHealth health = context.getBean(DatabaseHealth.class);
              try (Connection held = context.getBean(DataSource.class).getConnection();
                  Statement work = held.createStatement()) {
                work.execute("SELECT 1");
                postgres.server(0).set("pre_auth_delay", "3");
                try {
                  Awaitility.await().until(() -> shown("pre_auth_delay").equals("3s"));
                  assertThat(health.look().usable()).as("nothing is known of it").isFalse();
                  Awaitility.await().until(() -> health.look().usable());
                  for (int look = 0; look < 3; look++) {
                    assertThat(health.look().usable()).as("it answers, though late").isTrue();
                  }
                } finally {
                  postgres.server(0).set("pre_auth_delay", "0");
                }
              }
            });
  }

  private static String shown(String setting) throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + setting)) {
      row.next();
      return row.getString(1);
    }
  }

  private static boolean hang(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      return statement.execute("SELECT pg_sleep(600)");
    }
  }

  private static void awaitHanging(int statements) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(counted("SELECT count(*) FROM pg_stat_activity WHERE " + HANGING))
                    .isEqualTo(statements));
  }

  private static void endHanging() throws SQLException {
    assertThat(
            counted("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE " + HANGING))
        .isEqualTo(2);
  }

  private static int counted(String sql) throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }

  private static long knocking() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("headroom-knock"))
        .count();
  }

  @Test
  void thePrimaryIsNotAwaitedForEver() {
    runner()
        .withPropertyValues(
            "headroom.database.replicas.b.url=" + url(postgres.replicasOf(0).get(0)))
        .run(
            context -> {
              Databases databases = context.getBean(Databases.class);
              assertThat(databases.primaryOf("database")).isNotNull();
              postgres.server(0).stop();
              try {
                assertThat(begun(() -> databases.primaryOf("database")))
                    .failsWithin(slowly(SEARCH))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(SQLException.class);
              } finally {
                postgres.server(0).resume();
              }
            });
  }

  /** It says so only once the connection has its server, and HikariCP closes that. */
  @Test
  void aDriverThatBoundsNoSilenceIsAskedAllTheSame() throws SQLException {
    RefusingDriver driver =
        new RefusingDriver(new SQLFeatureNotSupportedException("no bound", "0A000"));
    DriverManager.registerDriver(driver);
    String primary = RefusingDriver.url(url(postgres.server(0)));
    try {
      Applications.bare()
          .withPropertyValues(
              "headroom.database.shards.s0.primary.url=" + primary,
              "headroom.database.shards.s0.replicas.b.url="
                  + RefusingDriver.url(url(postgres.replicasOf(0).get(0))),
              "headroom.database.shards.s1.primary.url=" + primary)
          .run(
              context -> {
                assertThat(context.getBean(Databases.class).primaryOf("s0").getJdbcUrl())
                    .isEqualTo(primary);
                SchemaDrift drift = context.getBean(DriftCheck.class).look();
                assertThat(drift.unread()).isEmpty();
                assertThat(drift.isFound()).isFalse();
              });
    } finally {
      DriverManager.deregisterDriver(driver);
    }
  }

  /** Here the cancel may take a second: it goes before the end of all patience. */
  @Test
  void aSchemaIsNotReadForEver() throws SQLException {
    SchemaReader reader = new SchemaReader("flyway_schema_history", Duration.ofSeconds(1));
    String url = url(postgres.server(0)).replace("SignalTimeout=0", "SignalTimeout=1");
    try (Connection connection = DriverManager.getConnection(url)) {
      assertThat(reader.read(connection, true)).isEmpty();
      postgres.server(0).stop();
      try {
        assertThat(begun(() -> reader.read(connection, true)))
            .failsWithin(slowly(COMPARISON))
            .withThrowableOfType(ExecutionException.class)
            .withCauseInstanceOf(SQLException.class);
      } finally {
        postgres.server(0).resume();
      }
    }
  }

  /** Also what the pool gives out next knows nothing of it. */
  @Test
  void theBoundIsForOneLookOnly() {
    runner()
        .withPropertyValues("headroom.database.pool.maximum-size=1")
        .run(
            context -> {
              assertThat(context.getBean(DatabaseHealth.class).look().usable()).isTrue();
              try (Connection next =
                  context.getBean(Databases.class).primaryOf("database").getConnection()) {
                assertThat(next.getNetworkTimeout()).isZero();
                Silence.bound(next, Duration.ofSeconds(9));
                Silence.bound(next, Duration.ofSeconds(10));
                assertThat(next.getNetworkTimeout()).isEqualTo(9_000);
              }
            });
  }
}
