package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Runs the application's Flyway, as Spring Boot has made it, on the primary of each shard: so many
 * at a time, each with a history of its own. What fails on one stops no other, but stops the start
 * in the end; the next one finds what is done already in those histories.
 *
 * <p>Thread-safe. It needs Flyway, and is made where Spring Boot's own would run it.
 */
final class ShardMigrations {

  private static final Logger LOG = LoggerFactory.getLogger(ShardMigrations.class);

  private static final String AT = DatabaseChecks.DATABASE + ".migrations.";
  private static final int PARALLEL = 8;
  private static final int MOST_PARALLEL = 256;
  private static final Duration STATEMENT_TIMEOUT = Duration.ofMinutes(30);

  private final Databases databases;
  private final MigrationProperties properties;
  private final ObjectProvider<DataSource> dataSource;
  private final MigrationReport report;
  private final int parallel;
  private final Duration statementTimeout;

  /**
   * Reads the properties.
   *
   * @param dataSource the application's, over all that {@code databases} has
   * @param report is told what came of it
   */
  ShardMigrations(
      Databases databases,
      MigrationProperties properties,
      ObjectProvider<DataSource> dataSource,
      MigrationReport report) {
    this.databases = databases;
    this.properties = properties;
    this.dataSource = dataSource;
    this.report = report;
    this.parallel =
        Setting.inRange(AT + "parallel", properties.parallel(), PARALLEL, 1, MOST_PARALLEL);
    this.statementTimeout =
        properties.statementTimeout() == null ? STATEMENT_TIMEOUT : properties.statementTimeout();
    if (statementTimeout.isNegative() || statementTimeout.toMillis() == 0) {
      throw Setting.wrong(
          AT + "statement-timeout",
          "must be 1 ms or more, was " + statementTimeout + ".",
          "Say how long a statement may take, such as 30m.");
    }
  }

  /**
   * Migrates everything.
   *
   * @param flyway as the application's properties and beans have it
   * @throws MigrationsFailedException if a shard could not be migrated
   */
  void migrate(Flyway flyway) {
    if (!isOurs(flyway)) {
      LOG.info("Flyway has a data source of its own, so it migrates that, and no shard");
      flyway.migrate();
      return;
    }
    SortedSet<String> shards = new TreeSet<>(databases.clusters().keySet());
    if (!properties.enabled()) {
      LOG.info("{}enabled is false: nothing is migrated on {}", AT, shards);
      return;
    }
    Map<String, MigratedShard> done =
        EachShard.run(shards, parallel, "headroom-migrate", shard -> migrate(flyway, shard));
    report.migrated(done);
    done.values().forEach(ShardMigrations::tell);
    if (done.values().stream().anyMatch(shard -> shard.failure() != null)) {
      throw new MigrationsFailedException(done.values());
    }
  }

  private static void tell(MigratedShard shard) {
    if (shard.failure() == null) {
      LOG.info("{}", shard);
    } else {
      LOG.error("{}", shard);
    }
  }

  @SuppressWarnings("ReferenceEquality") // a bean is one object
  private boolean isOurs(Flyway flyway) {
    DataSource migrated = flyway.getConfiguration().getDataSource();
    return migrated == null || migrated == dataSource.getIfUnique();
  }

  private MigratedShard migrate(Flyway flyway, String shard) {
    FlywayRun run = new FlywayRun(shard, flyway.getConfiguration());
    try {
      return run.on(primaryOf(shard));
    } catch (SQLException unreachable) {
      return run.unreachable(unreachable);
    }
  }

  private DataSource primaryOf(String shard) throws SQLException {
    HikariDataSource pool = databases.primaryOf(shard);
    return new DirectDataSource(
        Objects.requireNonNull(pool),
        properties.username(),
        properties.password(),
        statementTimeout);
  }
}
