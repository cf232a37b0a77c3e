package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Flyway on every primary, on real servers: some of which are down, or have what others have not.
 */
@ExtendWith(OutputCaptureExtension.class)
class MigrationsTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(3).exclusive();

  private static final AtomicInteger databases = new AtomicInteger();

  private static final int SHARDS = 3;

  private String database = "";

  @BeforeEach
  void makeDatabases() {
    database = "migrated_" + databases.incrementAndGet();
    for (PostgresServer server : postgres.servers()) {
      server.createDatabase(database);
    }
  }

  @AfterEach
  void heal() {
    postgres.heal();
  }

  private String url(int shard) {
    return postgres.server(shard).jdbcUrl(database) + "&connectTimeout=1&socketTimeout=5";
  }

  private String[] arguments(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--spring.main.banner-mode=off",
                "--logging.level.io.headroom.spring.boot=info",
                "--spring.flyway.locations=classpath:/migrations/orders",
                "--headroom.database.username=postgres",
                "--headroom.database.pool.maximum-size=1"));
    for (int shard = 0; shard < SHARDS; shard++) {
      all.add("--headroom.database.shards.s" + shard + ".primary.url=" + url(shard));
    }
    for (String each : more) {
      all.add("--" + each);
    }
    return all.toArray(String[]::new);
  }

  private void started(Consumer<ConfigurableApplicationContext> check, String... more) {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Applications.Empty.class)
            .web(WebApplicationType.NONE)
            .run(arguments(more))) {
      check.accept(context);
    }
  }

  private static void startedBy(String... arguments) {
    new SpringApplicationBuilder(Applications.Empty.class)
        .web(WebApplicationType.NONE)
        .run(arguments)
        .close();
  }

  private void started(String... more) {
    startedBy(arguments(more));
  }

  private List<String> query(int shard, String sql) throws SQLException {
    try (Connection connection = postgres.server(shard).dataSource(database).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(rows.getString(1));
      }
      return all;
    }
  }

  private void execute(int shard, String sql) throws SQLException {
    try (Connection connection = postgres.server(shard).dataSource(database).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Script and time of each migration, which tell whether a later start has done it again. */
  private List<String> history(int shard) throws SQLException {
    return query(
        shard,
        "SELECT script || ' ' || installed_on FROM flyway_schema_history ORDER BY installed_rank");
  }

  private List<String> versions(int shard) throws SQLException {
    return query(shard, "SELECT version FROM flyway_schema_history ORDER BY installed_rank");
  }

  @SuppressWarnings("unchecked") // as it is written
  private static Map<String, Map<String, Object>> report(ConfigurableApplicationContext context) {
    return (Map<String, Map<String, Object>>)
        context.getBean(Overview.class).all().get("migrations");
  }

  /** With pools of one connection, of which Flyway wants two at a time. */
  @Test
  void everyShardIsMigratedAndReportedOnAndLeftAloneByTheNextStart(CapturedOutput output)
      throws SQLException {
    started(
        context -> {
          assertThat(report(context)).containsOnlyKeys("s0", "s1", "s2");
          assertThat(report(context).values())
              .allSatisfy(
                  shard ->
                      assertThat(shard)
                          .contains(entry("from", "none"), entry("to", "2"))
                          .contains(entry("migrations", 2))
                          .containsKey("millis")
                          .doesNotContainKey("failure"));
        });
    assertThat(output)
        .contains("s0: version none -> 2, 2 migrations in ", "s1: version none -> 2")
        .doesNotContain("No migrations found");
    List<List<String>> before = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      assertThat(versions(shard)).containsExactly("1", "2");
      before.add(history(shard));
    }
    started(
        context ->
            assertThat(report(context).values())
                .allSatisfy(
                    shard ->
                        assertThat(shard)
                            .contains(entry("from", "2"), entry("to", "2"))
                            .contains(entry("migrations", 0))));
    for (int shard = 0; shard < SHARDS; shard++) {
      assertThat(history(shard)).isEqualTo(before.get(shard));
    }
  }

  @Test
  void whatFailsOnOneShardStopsNoOtherAndTheNextStartGoesOn(CapturedOutput output)
      throws SQLException {
    started("spring.flyway.target=1");
    execute(1, "INSERT INTO orders VALUES (1, 1, 'same'), (1, 2, 'same')");
    assertThatThrownBy(() -> started()).hasStackTraceContaining("MigrationsFailedException");
    assertThat(output)
        .contains("APPLICATION FAILED TO START", "The schema could not be migrated everywhere")
        .contains(
            "    s1, at version 1, stopped at V2__one_note_once.sql: ",
            "could not create unique index")
        .contains("s1: correct the migration", "also on the 2 that did not fail")
        .doesNotContain("    s0, at", "    s2, at");
    assertThat(versions(0)).containsExactly("1", "2");
    assertThat(versions(1)).containsExactly("1");
    assertThat(versions(2)).containsExactly("1", "2");
    List<String> done = history(0);
    execute(1, "DELETE FROM orders WHERE order_id = 2");
    started(
        context -> {
          assertThat(report(context).get("s0")).contains(entry("migrations", 0));
          assertThat(report(context).get("s1"))
              .contains(entry("from", "1"), entry("to", "2"), entry("migrations", 1));
        });
    assertThat(history(0)).isEqualTo(done);
    assertThat(versions(1)).containsExactly("1", "2");
  }

  @Test
  void aShardThatIsDownIsNamedAndMigratedOnceItIsBack(CapturedOutput output) throws SQLException {
    postgres.server(2).kill();
    assertThatThrownBy(() -> started()).hasStackTraceContaining("MigrationsFailedException");
    assertThat(output)
        .contains("    s2, not reached: ", "refused")
        .contains("s2: bring its primary back")
        .contains("s0: version none -> 2", "s1: version none -> 2");
    List<String> done = history(0);
    assertThat(done).hasSize(2);
    postgres.server(2).restart();
    started();
    assertThat(versions(2)).containsExactly("1", "2");
    assertThat(history(0)).isEqualTo(done);
  }

  /** It accepts connections, as a process that is stopped does, and says nothing. */
  @Test
  void aShardThatHangsIsBoundedAndStopsNoOther(CapturedOutput output) throws SQLException {
    postgres.server(0).stop();
    try {
      assertThatThrownBy(() -> startedBy(within1s())).hasStackTraceContaining("MigrationsFailed");
    } finally {
      postgres.server(0).resume();
    }
    assertThat(output).contains("    s0, not reached: ", "s0: bring its primary back");
    assertThat(versions(1)).containsExactly("1", "2");
  }

  private String[] within1s(String... more) {
    return Arrays.stream(arguments(more))
        .map(each -> each.replace("socketTimeout=5", "socketTimeout=1"))
        .toArray(String[]::new);
  }

  @Test
  void aHistoryThatIsAnotherIsSaidToBe(CapturedOutput output) throws SQLException {
    started();
    execute(2, "UPDATE flyway_schema_history SET checksum = 5 WHERE version = '1'");
    assertThatThrownBy(() -> started()).hasStackTraceContaining("MigrationsFailedException");
    assertThat(output).contains("    s2, at version 2: ", "s2: its history is not that");
  }

  /** The script takes longer than the socketTimeout of the pools. */
  @ParameterizedTest
  @CsvSource({"30m, true", "200ms, false"})
  void statementsHaveATimeOfTheirOwn(String timeout, boolean done) throws SQLException {
    started();
    String[] arguments =
        within1s(
            "spring.flyway.locations=classpath:/migrations/orders,classpath:/migrations/slow",
            "headroom.database.migrations.statement-timeout=" + timeout);
    if (done) {
      startedBy(arguments);
      assertThat(versions(2)).containsExactly("1", "2", "3");
    } else {
      assertThatThrownBy(() -> startedBy(arguments))
          .hasStackTraceContaining("stopped at V3__slow.sql");
      assertThat(versions(2)).containsExactly("1", "2");
    }
  }

  @Test
  void nothingIsMigratedWhereThatIsOff(CapturedOutput output) throws SQLException {
    started(
        context ->
            assertThat(context.getBean(Overview.class).all()).doesNotContainKey("migrations"),
        "headroom.database.migrations.enabled=false");
    assertThat(output).contains("nothing is migrated on [s0, s1, s2]");
    started("spring.flyway.enabled=false");
    assertThat(query(0, "SELECT tablename FROM pg_tables WHERE tablename = 'orders'")).isEmpty();
  }

  /** Beans that Spring Boot knows of Flyway, and one that needs the schema. */
  @Configuration(proxyBeanMethods = false)
  static class WithBeans {

    final Map<Integer, String> called = new ConcurrentHashMap<>();

    /** Made before the schema, were it not for what Spring Boot knows of JdbcTemplate. */
    @Bean
    String readAtTheStart(JdbcTemplate jdbc, ShardedDataSource sharded) {
      return sharded.<String, RuntimeException>call(
          5L, () -> jdbc.queryForObject("SELECT 'orders: ' || count(*) FROM orders", String.class));
    }

    @Bean
    Callback callback() {
      return new Callback() {
        @Override
        public boolean supports(Event event, Context context) {
          return event == Event.AFTER_MIGRATE;
        }

        @Override
        public boolean canHandleInTransaction(Event event, Context context) {
          return true;
        }

        @Override
        public void handle(Event event, Context context) {
          try (Statement statement = context.getConnection().createStatement();
              ResultSet port = statement.executeQuery("SELECT inet_server_port()")) {
            port.next();
            called.put(port.getInt(1), Thread.currentThread().getName());
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        }

        @Override
        public String getCallbackName() {
          return "test";
        }
      };
    }
  }

  @Test
  void whatNeedsTheSchemaComesAfterItAndSpringBootsOwnOptionsHold() throws SQLException {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Applications.Empty.class, WithBeans.class)
            .web(WebApplicationType.NONE)
            .run(
                arguments(
                    "spring.flyway.table=history", "headroom.database.migrations.parallel=1"))) {
      assertThat(context.getBean("readAtTheStart")).isEqualTo("orders: 0");
      assertThat(context.getBean(WithBeans.class).called.keySet())
          .containsExactlyInAnyOrderElementsOf(
              postgres.servers().stream().map(PostgresServer::port).toList());
    }
    assertThat(query(1, "SELECT version FROM history ORDER BY 1")).containsExactly("1", "2");
  }

  @Test
  void anotherUserMayMigrate() throws SQLException {
    String role = "migrator_" + database;
    for (int shard = 0; shard < SHARDS; shard++) {
      execute(shard, "CREATE ROLE " + role + " LOGIN");
      execute(shard, "GRANT CREATE, USAGE ON SCHEMA public TO " + role);
    }
    String[] arguments =
        Arrays.stream(
                arguments(
                    "headroom.database.migrations.username=" + role,
                    "headroom.database.migrations.password=none"))
            .map(each -> each.replaceAll("user=postgres&?", ""))
            .toArray(String[]::new);
    startedBy(arguments);
    assertThat(query(0, "SELECT tableowner FROM pg_tables WHERE tablename = 'orders'"))
        .containsExactly(role);
  }

  @Test
  void oneDatabaseIsMigratedAroundItsGuard() throws SQLException {
    Applications.bare()
        .withPropertyValues(
            "spring.flyway.enabled=true",
            "spring.flyway.locations=classpath:/migrations/orders",
            "headroom.guard.enabled=true",
            "headroom.database.pool.maximum-size=1",
            "headroom.database.primary.url=" + url(0))
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(MigrationReport.class).view())
                  .containsOnlyKeys("database");
              assertThat(context).doesNotHaveBean(DriftCheck.class);
            });
    assertThat(versions(0)).containsExactly("1", "2");
  }

  @Test
  void withoutFlywayNothingOfItIsNeeded() {
    Applications.bare()
        .withClassLoader(new FilteredClassLoader("org.flywaydb"))
        .withPropertyValues(
            Arrays.stream(arguments("spring.flyway.enabled=true"))
                .map(each -> each.substring(2))
                .toArray(String[]::new))
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context).hasSingleBean(DataSource.class);
              assertThat(context.getBean(Overview.class).all()).containsKey("drift");
            });
  }
}
