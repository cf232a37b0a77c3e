package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What Flyway says of a run, and what breaks in one, on real servers. */
@ExtendWith(OutputCaptureExtension.class)
class ShardMigrationsTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private static final AtomicInteger databases = new AtomicInteger();

  private String database = "";

  @BeforeEach
  void makeDatabases() {
    database = "run_" + databases.incrementAndGet();
    for (PostgresServer server : postgres.servers()) {
      server.createDatabase(database);
    }
  }

  private ConfigurableApplicationContext start(Class<?> beans, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of("--spring.main.banner-mode=off", "--headroom.database.username=postgres"));
    for (int shard = 0; shard < 2; shard++) {
      all.add(
          "--headroom.database.shards.s"
              + shard
              + ".primary.url="
              + postgres.server(shard).jdbcUrl(database)
              + "&connectTimeout=1&socketTimeout=5");
    }
    for (String each : more) {
      all.add("--" + each);
    }
    return new SpringApplicationBuilder(beans)
        .web(WebApplicationType.NONE)
        .run(all.toArray(String[]::new));
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

  private List<String> versions(int shard) throws SQLException {
    return query(shard, "SELECT version FROM flyway_schema_history ORDER BY installed_rank");
  }

  /** Whose class path lacks something, but only where it is needed. */
  static final class V3__Broken extends BaseJavaMigration {

    private final int port;

    V3__Broken(int port) {
      this.port = port;
    }

    @Override
    public void migrate(Context context) throws SQLException {
      try (Statement statement = context.getConnection().createStatement();
          ResultSet row = statement.executeQuery("SELECT inet_server_port()")) {
        row.next();
        if (row.getInt(1) == port) {
          throw new NoClassDefFoundError("com/example/Missing");
        }
      }
    }
  }

  /** An application with that migration. */
  @Configuration(proxyBeanMethods = false)
  static class Broken extends Applications.Empty {

    @Bean
    V3__Broken broken() {
      return new V3__Broken(postgres.server(1).port());
    }
  }

  @Test
  void anErrorOnOneShardHidesNoOther(CapturedOutput output) throws SQLException {
    assertThatThrownBy(
            () -> start(Broken.class, "spring.flyway.locations=classpath:/migrations/orders"))
        .hasStackTraceContaining("MigrationsFailedException")
        .hasStackTraceContaining("NoClassDefFoundError");
    assertThat(output)
        .contains("The schema could not be migrated everywhere")
        .contains("    s1, at version 2, stopped at ", "V3__Broken: ")
        .contains("java.lang.NoClassDefFoundError: com/example/Missing")
        .contains("also on the 1 that did not fail");
    assertThat(versions(0)).containsExactly("1", "2", "3");
    assertThat(versions(1)).containsExactly("1", "2");
  }

  /** The last migration that was done is not the highest that is there. */
  @Test
  void theVersionIsTheHighestAlsoOutOfOrder() throws SQLException {
    start(Applications.Empty.class, "spring.flyway.locations=classpath:/migrations/slow").close();
    try (ConfigurableApplicationContext context =
        start(
            Applications.Empty.class,
            "spring.flyway.locations=classpath:/migrations/orders,classpath:/migrations/slow",
            "spring.flyway.out-of-order=true")) {
      assertThat(context.getBean(MigrationReport.class).view().get("s0"))
          .asString()
          .contains("from=3", "to=3", "migrations=2");
    }
    assertThat(versions(0)).containsExactly("3", "1", "2");
  }

  /** How often a server is gone to. */
  private static final class Counted extends DelegatingDataSource {

    private final AtomicInteger connections = new AtomicInteger();

    private Counted(DataSource server) {
      super(server);
    }

    @Override
    public Connection getConnection() throws SQLException {
      connections.incrementAndGet();
      return super.getConnection();
    }
  }

  private static FluentConfiguration orders() {
    return Flyway.configure().locations("classpath:/migrations/orders");
  }

  /** Besides a login, so that a server that is down is told from what Flyway finds. */
  @Test
  void aRunAsksNoMoreThanFlywayWouldAlone() {
    Counted ours = new Counted(postgres.server(0).createDatabase(database + "_ours"));
    Counted flyways = new Counted(postgres.server(0).createDatabase(database + "_flyways"));
    for (int start = 0; start < 2; start++) {
      Flyway flyway = orders().dataSource(flyways).load();
      flyway.info().current();
      flyway.migrate();
      MigratedShard done = new FlywayRun("s0", orders()).on(ours);
      assertThat(done.failure()).isNull();
      assertThat(done.to()).isEqualTo("2");
      assertThat(ours.connections.getAndSet(0)).isEqualTo(flyways.connections.getAndSet(0) + 1);
    }
  }

  /** It has a version without a migration. */
  @Test
  void aBaselineIsTheVersionThatIsThere() throws SQLException {
    DataSource old = postgres.server(0).createDatabase(database + "_old");
    try (Connection connection = old.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE orders (id int)");
    }
    FluentConfiguration baseline = orders().baselineOnMigrate(true).baselineVersion("7");
    for (String before : new String[] {null, "7"}) {
      MigratedShard done = new FlywayRun("s0", baseline).on(old);
      assertThat(done.failure()).isNull();
      assertThat(done.from()).isEqualTo(before);
      assertThat(done.to()).isEqualTo("7");
      assertThat(done.migrations()).isZero();
    }
  }

  /** As {@code @FlywayDataSource} makes one: it is no part of {@code headroom.database}. */
  @Test
  void aFlywayOfAnotherDatabaseMigratesThatWhateverIsSaidOfShards() throws SQLException {
    try (ConfigurableApplicationContext context =
        start(Applications.Empty.class, "headroom.database.migrations.enabled=false")) {
      DataSource other = postgres.server(0).createDatabase(database + "_other");
      new ShardMigrations(
              context.getBean(Databases.class),
              new MigrationProperties(false, null, null, null, null),
              context.getBeanProvider(DataSource.class),
              new MigrationReport())
          .migrate(
              Flyway.configure()
                  .dataSource(other)
                  .locations("classpath:/migrations/orders")
                  .load());
      try (Connection connection = other.getConnection();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT count(*) FROM flyway_schema_history")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getInt(1)).isEqualTo(2);
      }
    }
    String tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    assertThat(query(0, tables)).isEmpty();
    assertThat(query(1, tables)).isEmpty();
  }
}
