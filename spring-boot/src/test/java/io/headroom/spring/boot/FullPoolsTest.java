package io.headroom.spring.boot;

import static io.headroom.spring.boot.Background.begun;
import static io.headroom.spring.boot.Background.knocking;
import static io.headroom.spring.boot.Background.slowly;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Pools of which all connections are in use, on servers that are silent. */
class FullPoolsTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).exclusive();

  /** What a server has to let health in beside a pool that is full. */
  private static final Duration LOGIN = Duration.ofSeconds(2);

  /** What a login has that may come late. */
  private static final Duration BOUNDED_LOGIN = Duration.ofSeconds(10);

  /** What the server has for a cancel. */
  private static final Duration CANCEL = Duration.ofSeconds(2);

  private static final String HANGING =
      "state = 'active' AND query LIKE 'SELECT pg_sleep%' AND pid <> pg_backend_pid()";

  @AfterEach
  void heal() {
    postgres.heal();
  }

  private static ApplicationContextRunner runner(
      String url, boolean guarded, Duration connectionTimeout) {
    return Applications.bare()
        .withPropertyValues(
            "headroom.database.primary.url=" + url,
            "headroom.guard.enabled=" + guarded,
            "headroom.database.pool.maximum-size=2",
            "headroom.database.pool.minimum-idle=2",
            "headroom.database.pool.connection-timeout=" + connectionTimeout.toMillis() + "ms");
  }

  /**
   * All that a pool may have is in use: where the server answers who knocks, by others; else all of
   * it hangs. That holds also for a driver of which nobody knows how to bound a login. The longer
   * the pool has one wait, the longer a look waits in vain; 2 s is what the starter's have.
   */
  @ParameterizedTest
  @CsvSource({"true, true, 500", "true, false, 2000", "false, true, 2000", "false, false, 500"})
  void healthSaysSoWhileAllConnectionsHang(
      boolean guarded, boolean bounded, long connectionTimeoutMillis) throws Exception {
    Duration connection = Duration.ofMillis(connectionTimeoutMillis);
    String url = postgres.jdbcUrl(0) + "&connectTimeout=1&cancelSignalTimeout=0";
    RefusingDriver driver =
        new RefusingDriver(new SQLFeatureNotSupportedException("no bound", "0A000"));
    DriverManager.registerDriver(driver);
    try {
      runner(bounded ? url : RefusingDriver.url(url), guarded, connection)
          .run(
              context -> {
                DataSource source = context.getBean(DataSource.class);
                awaitFilled(context.getBean(Databases.class).primaryOf("database"));
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
                      .succeedsWithin(slowly(connection.plus(LOGIN)))
                      .isEqualTo(true);
                  time.pass(Knocks.KNOWN_FOR);
                  for (int look = 0; look < 4; look++) {
                    assertThat(begun(() -> health.look().usable()))
                        .succeedsWithin(slowly(connection.plus(LOGIN)))
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
                      .failsWithin(slowly(CANCEL))
                      .withThrowableOfType(ExecutionException.class)
                      .withCauseInstanceOf(SQLException.class);
                }
              });
    } finally {
      DriverManager.deregisterDriver(driver);
    }
  }

  private static boolean hang(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      return statement.execute("SELECT pg_sleep(600)");
    }
  }

  /** Else a connection might take longer than there is time for it. */
  private static void awaitFilled(HikariDataSource pool) {
    Awaitility.await()
        .until(() -> pool.getHikariPoolMXBean().getIdleConnections() == pool.getMaximumPoolSize());
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
}
