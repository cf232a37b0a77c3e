package io.headroom.spring.boot;

import static io.headroom.spring.boot.Background.begun;
import static io.headroom.spring.boot.Background.slowly;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;
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

  private static final Duration SEARCH = Duration.ofSeconds(5);
  private static final Duration COMPARISON = Duration.ofSeconds(3);

  @AfterEach
  void heal() {
    postgres.heal();
  }

  /** A cancel of which pgjdbc awaits the end has none either, while nothing answers. */
  private static String url(PostgresServer server) {
    return server.jdbcUrl(postgres.database()) + "&connectTimeout=1&cancelSignalTimeout=0";
  }

  private static ApplicationContextRunner runner() {
    return Applications.bare()
        .withPropertyValues("headroom.database.primary.url=" + url(postgres.server(0)));
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
