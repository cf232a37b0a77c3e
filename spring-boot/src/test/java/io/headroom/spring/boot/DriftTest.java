package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.spring.boot.SchemaReader.Thing;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** Shards whose schemas are not the same are found, and what differs is named. */
@ExtendWith(OutputCaptureExtension.class)
class DriftTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(3).exclusive();

  private static final AtomicInteger databases = new AtomicInteger();

  private static final String SCHEMA =
      "CREATE TABLE orders (user_id bigint, order_id bigint, note text NOT NULL DEFAULT '', total"
          + " numeric(10, 2) CHECK (total >= 0), weight int, PRIMARY KEY (user_id, order_id));"
          + " CREATE INDEX by_note ON orders (note); CREATE VIEW notes AS SELECT note FROM orders;"
          + " CREATE SCHEMA audit; CREATE TABLE audit.log (id uuid PRIMARY KEY, line text)";

  private String database = "";

  @BeforeEach
  void makeTables() throws SQLException {
    database = "compared_" + databases.incrementAndGet();
    for (PostgresServer server : postgres.servers()) {
      server.createDatabase(database);
    }
    for (int shard = 0; shard < 3; shard++) {
      execute(shard, SCHEMA);
    }
  }

  @AfterEach
  void heal() {
    postgres.heal();
  }

  private Connection connect(int shard) throws SQLException {
    return postgres.server(shard).dataSource(database).getConnection();
  }

  private void execute(int shard, String sql) throws SQLException {
    try (Connection connection = connect(shard);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private ConfigurableApplicationContext start(String... more) {
    List<String> all =
        new ArrayList<>(List.of("--spring.main.banner-mode=off", "--" + Applications.NO_FLYWAY));
    for (int shard = 0; shard < 3; shard++) {
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
    return new SpringApplicationBuilder(Applications.Empty.class)
        .web(WebApplicationType.NONE)
        .run(all.toArray(String[]::new));
  }

  private SchemaDrift found(String... more) {
    try (ConfigurableApplicationContext context = start(more)) {
      return Objects.requireNonNull(context.getBean(DriftCheck.class).found());
    }
  }

  @Test
  void theSameIsTheSameHoweverItWasMade(CapturedOutput output) throws SQLException {
    execute(1, "ALTER TABLE orders ADD COLUMN later int; ALTER TABLE orders DROP COLUMN later");
    execute(1, "ALTER TABLE audit.log ADD COLUMN a int, ADD COLUMN b int");
    execute(0, "ALTER TABLE audit.log ADD COLUMN b int, ADD COLUMN a int");
    execute(2, "ALTER TABLE audit.log ADD COLUMN b int, ADD COLUMN a int");
    SchemaDrift found = found("headroom.database.drift.on-drift=stop");
    assertThat(found.isFound()).isFalse();
    assertThat(found.fingerprints().values()).hasSize(3).containsOnly(print(found, "s0"));
    assertThat(output).doesNotContain("differ");
  }

  private static String print(SchemaDrift found, String shard) {
    return Objects.requireNonNull(found.fingerprints().get(shard));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE orders DROP COLUMN weight | column orders.weight: on s2 missing; elsewhere"
            + " [integer DEFAULT NULL]",
        "ALTER TABLE orders ADD COLUMN extra int | column orders.extra: on s2 [integer DEFAULT"
            + " NULL]; elsewhere missing",
        "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL | column orders.note: on s2 [text"
            + " DEFAULT ''::text]; elsewhere [text NOT NULL DEFAULT ''::text]",
        "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2) | column orders.total: on s2"
            + " [numeric(12,2)",
        "ALTER TABLE orders ALTER COLUMN note SET DEFAULT 'x' | column orders.note: on s2 [text NOT"
            + " NULL DEFAULT 'x'::text]",
        "DROP INDEX by_note | index orders.by_note: on s2 missing; elsewhere [CREATE INDEX by_note",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_note'::regclass |"
            + " index orders.by_note: on s2 [CREATE INDEX by_note ON public.orders USING btree"
            + " (note) INVALID]",
        "ALTER TABLE orders DROP CONSTRAINT orders_total_check | constraint"
            + " orders.orders_total_check: on s2 missing; elsewhere [CHECK ((total >=",
        "DROP TABLE audit.log | table audit.log: on s2 missing; elsewhere [table]",
        "CREATE SEQUENCE s | table s: on s2 [sequence]; elsewhere missing",
        "CREATE OR REPLACE VIEW notes AS SELECT note FROM orders WHERE note <> '' | table notes:"
            + " on s2 [view"
      })
  void whatWasAlteredByHandIsNamed(String altered, String said, CapturedOutput output)
      throws SQLException {
    execute(2, altered);
    try (ConfigurableApplicationContext context = start()) {
      assertThat(output).contains("the schemas of the shards differ", said);
      SchemaDrift found = Objects.requireNonNull(context.getBean(DriftCheck.class).found());
      assertThat(found.differences()).hasSize(1);
      assertThat(print(found, "s2")).isNotEqualTo(print(found, "s0"));
      assertThat(print(found, "s1")).isEqualTo(print(found, "s0"));
      assertThat(context.getBean(Overview.class).all().get("drift")).isEqualTo(found.view());
    }
  }

  @Test
  void itStopsTheStartWhereThatIsAskedFor(CapturedOutput output) throws SQLException {
    execute(1, "ALTER TABLE orders ADD COLUMN extra int");
    assertThatThrownBy(() -> start("headroom.database.drift.on-drift=stop"))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("with the property headroom.database.drift.on-drift")
        .contains("column orders.extra: on s1 [integer DEFAULT NULL]; elsewhere missing")
        .contains("headroom.database.drift.ignore");
  }

  @ParameterizedTest
  @CsvSource({
    "orders.extra, true",
    "orders*, true",
    "*.extra, true",
    "audit.*, false",
    "order, false",
    "orders.note, false"
  })
  void whatMayDifferIsNotCompared(String ignored, boolean same) throws SQLException {
    execute(1, "ALTER TABLE orders ADD COLUMN extra int");
    assertThat(found("headroom.database.drift.ignore=x," + ignored).isFound()).isNotEqualTo(same);
  }

  @Test
  void nobodyLooksWhereItIsOff() {
    try (ConfigurableApplicationContext context = start("headroom.database.drift.on-drift=off")) {
      assertThat(context.getBean(DriftCheck.class).found()).isNull();
    }
  }

  /** The file says so, and not who is reached: a start does not wait for what is down. */
  @Test
  void aShardThatIsDownIsSaidNotToBeCompared(CapturedOutput output) throws SQLException {
    execute(1, "ALTER TABLE orders ADD COLUMN extra int");
    postgres.server(2).kill();
    SchemaDrift found = found();
    assertThat(found.unread()).containsOnlyKeys("s2");
    assertThat(found.differences()).hasSize(1);
    assertThat(output).contains("schema of s2 is not compared");
  }

  @Test
  void historiesOfMigrationsAreCompared() throws SQLException {
    for (int shard = 0; shard < 3; shard++) {
      execute(
          shard,
          "CREATE TABLE flyway_schema_history (installed_rank int, version text, script text,"
              + " checksum int, success boolean, type text);"
              + " INSERT INTO flyway_schema_history VALUES (0, NULL, 'schema', NULL, true,"
              + " 'SCHEMA'), (1, '1', 'V1__orders.sql', 77, true, 'SQL'),"
              + " (2, NULL, 'R__views.sql', 5, true, 'SQL')");
    }
    assertThat(found().isFound()).isFalse();
    execute(0, "DELETE FROM flyway_schema_history WHERE type = 'SCHEMA'");
    assertThat(found().isFound()).isFalse();
    execute(1, "UPDATE flyway_schema_history SET checksum = 78 WHERE version = '1'");
    execute(
        2,
        "INSERT INTO flyway_schema_history VALUES (3, NULL, 'R__views.sql', 6, true, 'SQL'),"
            + " (4, '2', 'V2__x.sql', 9, false, 'SQL')");
    assertThat(found().differences())
        .containsExactly(
            "migration flyway_schema_history.R__views.sql: on s2 [R__views.sql, checksum 6];"
                + " elsewhere [R__views.sql, checksum 5]",
            "migration flyway_schema_history.version 1: on s1 [V1__orders.sql, checksum 78];"
                + " elsewhere [V1__orders.sql, checksum 77]",
            "migration flyway_schema_history.version 2: on s2 [V2__x.sql, checksum 9, failed];"
                + " elsewhere missing");
  }

  /** What databases have that are not PostgreSQL; asked of PostgreSQL, which has it too. */
  @Test
  void theStandardsSchemaTellsOfColumnsAndConstraints() throws SQLException {
    execute(1, "ALTER TABLE orders ALTER COLUMN weight TYPE varchar(20)");
    execute(1, "ALTER TABLE orders DROP CONSTRAINT orders_total_check");
    SchemaReader reader = new SchemaReader("flyway_schema_history", Duration.ofSeconds(10));
    Map<String, Map<Thing, String>> schemas = new TreeMap<>();
    for (int shard = 0; shard < 3; shard++) {
      try (Connection connection = connect(shard)) {
        schemas.put("s" + shard, reader.readStandard(connection));
      }
    }
    assertThat(SchemaDrift.between(schemas, Map.of()).differences())
        .containsExactly(
            "constraint orders.orders_total_check: on s1 missing; elsewhere [CHECK]",
            "column orders.weight: on s1 [character varying(20,0)]; elsewhere [integer(32,0)]");
  }
}
