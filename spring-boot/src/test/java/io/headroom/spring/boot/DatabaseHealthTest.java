package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** When health says that nothing can be read or written, on real servers. */
class DatabaseHealthTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(2).replicas(1);

  private static final String GUARD = "headroom.guard.enabled=true";

  @AfterEach
  void heal() {
    postgres.heal();
  }

  private static String url(PostgresServer server) {
    return server.jdbcUrl(postgres.database()) + "&connectTimeout=1&socketTimeout=2";
  }

  private static String shard(String at, PostgresServer server) {
    return "headroom.database.shards." + at + ".url=" + url(server);
  }

  /** A server alone is asked, guarded or not, and a guard does not hide that it is down. */
  @ParameterizedTest
  @ValueSource(strings = {"headroom.database.primary.url", "spring.datasource.url"})
  void healthAsksAServerThatIsAlone(String property) {
    Applications.bare()
        .withPropertyValues(property + "=" + url(postgres.server(1)), GUARD)
        .withPropertyValues("spring.datasource.hikari.connection-timeout=500")
        .run(
            context -> {
              context.getBean(DataSource.class);
              DatabaseHealth health = context.getBean(DatabaseHealth.class);
              assertThat(health.look().usable()).isTrue();
              postgres.server(1).kill();
              assertThat(health.look().usable()).isFalse();
              assertThat(health.look().details().get("asked").toString()).contains("=DOWN");
              postgres.server(1).restart();
              Awaitility.await().until(() -> health.look().usable());
            });
  }

  /** All connections are in use: that is no reason to take a process away. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void healthIsUpWhileAPoolIsBusy(String guarded) {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.primary.url=" + url(postgres.server(0)),
            "headroom.database.pool.maximum-size=1",
            "headroom.database.pool.connection-timeout=250ms",
            "headroom.guard.enabled=" + guarded)
        .run(
            context -> {
              DataSource source = context.getBean(DataSource.class);
              try (var connection = source.getConnection();
                  var statement = connection.createStatement()) {
                statement.execute("SELECT 1");
                assertThat(context.getBean(DatabaseHealth.class).look().usable()).isTrue();
              }
            });
  }

  /** The server is there, and others work on what it gave them. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void healthIsUpWhileTheServerIsFull(String guarded) throws SQLException {
    try (Connection admin = postgres.dataSource(0).getConnection();
        Statement statement = admin.createStatement()) {
      statement.execute("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1");
      Applications.bare()
          .withPropertyValues(
              "headroom.database.primary.url=" + url(postgres.server(0)) + "&user=narrow",
              "headroom.database.pool.connection-timeout=500ms",
              "headroom.guard.enabled=" + guarded)
          .run(
              context -> {
                DataSource source = context.getBean(DataSource.class);
                try (Connection held = source.getConnection();
                    Statement work = held.createStatement()) {
                  work.execute("SELECT 1");
                  assertThatThrownBy(() -> context.getBean(JdbcTemplate.class).execute("SELECT 1"))
                      .hasStackTraceContaining("too many connections");
                  assertThat(context.getBean(DatabaseHealth.class).look().usable()).isTrue();
                }
              });
      statement.execute("DROP ROLE narrow");
    }
  }

  /** The only connection is held, and the server says to a second one that it will not have it. */
  @ParameterizedTest
  @ValueSource(strings = {"CONNECTION LIMIT 1", "NOLOGIN"})
  void healthIsUpWhileAFullPoolsServerRefusesAnother(String refusing) throws SQLException {
    try (Connection admin = postgres.dataSource(0).getConnection();
        Statement statement = admin.createStatement()) {
      statement.execute("CREATE ROLE one_only LOGIN");
      Applications.bare()
          .withPropertyValues(
              "headroom.database.primary.url=" + url(postgres.server(0)) + "&user=one_only",
              "headroom.database.pool.maximum-size=1",
              "headroom.database.pool.connection-timeout=250ms")
          .run(
              context -> {
                try (Connection held = context.getBean(DataSource.class).getConnection();
                    Statement work = held.createStatement()) {
                  work.execute("SELECT 1");
                  statement.execute("ALTER ROLE one_only " + refusing);
                  assertThat(context.getBean(DatabaseHealth.class).look().usable()).isTrue();
                }
              });
      statement.execute("DROP ROLE one_only");
    }
  }

  /** What hangs on a server that is gone is in use as well. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void healthIsDownWhileAFullPoolsServerIsGone(String guarded) {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.primary.url=" + url(postgres.server(1)),
            "headroom.database.pool.maximum-size=1",
            "headroom.database.pool.connection-timeout=250ms",
            "headroom.guard.enabled=" + guarded)
        .run(
            context -> {
              DatabaseHealth health = context.getBean(DatabaseHealth.class);
              try (Connection held = context.getBean(DataSource.class).getConnection();
                  Statement work = held.createStatement()) {
                work.execute("SELECT 1");
                assertThat(health.look().usable()).isTrue();
                postgres.server(1).kill();
                assertThat(health.look().usable()).isFalse();
              }
            });
  }

  @Test
  void healthOfAllShardsIsShown() {
    Applications.bare()
        .withPropertyValues(
            GUARD,
            shard("s0.primary", postgres.server(0)),
            shard("s0.replicas.b", postgres.replicasOf(0).get(0)),
            shard("s1.primary", postgres.server(1)),
            shard("s1.replicas.b", postgres.replicasOf(1).get(0)))
        .run(
            context -> {
              Overview overview = context.getBean(Overview.class);
              assertThat(context.getBean(DatabaseHealth.class).look().usable()).isTrue();
              assertThat(overview.databases())
                  .extractingByKey("clusters")
                  .asString()
                  .contains("s0={writes=true", "s1={writes=true");
              assertThat(overview.all().get("map"))
                  .isInstanceOfSatisfying(
                      Map.class,
                      map -> assertThat(map.get("shards")).isEqualTo(List.of("s0", "s1")));
            });
  }

  /** As a database that knows no SELECT without FROM answers, and it does answer. */
  @Test
  void aServerThatRefusesTheStatementIsThere() {
    assertThat(lookAt(asking("SELECT 1 FROM"))).isTrue();
  }

  @Test
  void aServerThatDoesNotAnswerInTimeIsNotUsable() {
    assertThat(lookAt(asking("SELECT pg_sleep(60)"))).isFalse();
  }

  /** What a driver that bounds no silence can do is to have a server cancel. */
  @ParameterizedTest
  @CsvSource({"SELECT 1, true", "SELECT pg_sleep(60), false"})
  void aDriverWithoutNetworkTimeoutsIsAskedWithoutOne(String statement, boolean usable) {
    assertThat(
            lookAt(
                new DelegatingDataSource(asking(statement)) {
                  @Override
                  public Connection getConnection() throws SQLException {
                    return RefusingDriver.refusing(
                        super.getConnection(),
                        new SQLFeatureNotSupportedException("no bound", "0A000"));
                  }
                }))
        .isEqualTo(usable);
  }

  /** The server answers, but with SQLState 42501: this user has no way in. */
  @Test
  void aServerThatLetsNobodyInIsNotUsable() throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE locked_out LOGIN");
      statement.execute("REVOKE CONNECT ON DATABASE " + postgres.database() + " FROM PUBLIC");
      Applications.bare()
          .withPropertyValues(
              "headroom.database.primary.url=" + url(postgres.server(0)) + "&user=locked_out",
              "headroom.database.pool.connection-timeout=500ms")
          .run(
              context ->
                  assertThat(context.getBean(DatabaseHealth.class).look().usable()).isFalse());
      statement.execute("GRANT CONNECT ON DATABASE " + postgres.database() + " TO PUBLIC");
      statement.execute("DROP ROLE locked_out");
    }
  }

  private static boolean lookAt(DataSource source) {
    AtomicBoolean usable = new AtomicBoolean();
    Applications.bare()
        .withBean(
            HikariDataSource.class,
            () -> {
              HikariDataSource pool = new HikariDataSource();
              pool.setDataSource(source);
              pool.setConnectionTimeout(500);
              return pool;
            })
        .withPropertyValues(GUARD)
        .run(context -> usable.set(context.getBean(DatabaseHealth.class).look().usable()));
    return usable.get();
  }

  /** The server, asked something else than what health asks it. */
  private static DataSource asking(String instead) {
    return new DelegatingDataSource(postgres.dataSource(0)) {
      @Override
      public Connection getConnection() throws SQLException {
        return asking(Connection.class, super.getConnection(), instead);
      }
    };
  }

  private static <T> T asking(Class<T> type, T real, String instead) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (arguments != null && "SELECT 1".equals(arguments[0])) {
                arguments[0] = instead;
              }
              try {
                Object made = method.invoke(real, arguments);
                return made instanceof Statement statement
                        && method.getReturnType() == Statement.class
                    ? asking(Statement.class, statement, instead)
                    : made;
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            }));
  }

  /** Why Spring Boot's own {@code db} indicator is switched off: what it asks, asks no server. */
  @Test
  void aConnectionThatHasNoServerYetIsValid() {
    Applications.bare()
        .withPropertyValues(
            "headroom.guard.enabled=true",
            "headroom.database.primary.url=" + url(postgres.server(0)))
        .run(
            context -> {
              JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
              ConnectionCallback<String> product =
                  connection -> connection.getMetaData().getDatabaseProductName();
              ConnectionCallback<Boolean> valid = connection -> connection.isValid(0);
              assertThat(jdbc.execute(product)).isEqualTo("PostgreSQL");
              postgres.server(0).kill();
              assertThat(jdbc.execute(product)).isEqualTo("PostgreSQL");
              assertThat(jdbc.execute(valid)).isTrue();
              assertThat(context.getBean(DatabaseHealth.class).look().usable()).isFalse();
            });
  }
}
