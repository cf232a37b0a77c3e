package io.headroom.spring.boot;

import io.headroom.TimeSource;
import io.headroom.spring.boot.MigratedShard.Failure;
import io.headroom.spring.boot.MigratedShard.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;

/**
 * One run of Flyway on one shard. What it has done is read from the shard's history: exceptions do
 * not tell it in a form for programs, and callbacks are other types in Flyway 12 than in 11. Used
 * by one thread.
 */
final class FlywayRun {

  private static final State UNKNOWN = new State(null, 0, null);

  private final String shard;
  private final Configuration template;
  private final TimeSource time = TimeSource.system();
  private final long beganNanos = time.nanoTime();

  /**
   * What a history says.
   *
   * @param version null if it is empty
   * @param done how many migrations are done
   * @param next the script that is to come, or that has failed; null if all is done
   */
  private record State(@Nullable String version, int done, @Nullable String next) {

    static State of(Flyway flyway) {
      MigrationInfoService info = flyway.info();
      MigrationInfo current = info.current();
      MigrationInfo[] applied = info.applied();
      return new State(
          current == null || current.getVersion() == null
              ? null
              : current.getVersion().getVersion(),
          (int) Arrays.stream(applied).filter(each -> !each.getState().isFailed()).count(),
          Stream.concat(
                  Arrays.stream(applied).filter(each -> each.getState().isFailed()),
                  Arrays.stream(info.pending()))
              .map(MigrationInfo::getScript)
              .findFirst()
              .orElse(null));
    }
  }

  /**
   * Prepares it.
   *
   * @param template all that Flyway is to know but the data source
   */
  FlywayRun(String shard, Configuration template) {
    this.shard = shard;
    this.template = template;
  }

  /** Migrates; what goes wrong is in what is returned. */
  MigratedShard on(DataSource primary) {
    try (Connection connection = primary.getConnection()) {
      connection.isReadOnly(); // asked for itself: what Flyway throws hides why there is none
    } catch (SQLException unreachable) {
      return unreachable(unreachable);
    }
    try {
      return migrated(
          Flyway.configure(template.getClassLoader())
              .configuration(template)
              .dataSource(primary)
              .load());
    } catch (RuntimeException | Error failure) { // it made no Flyway of the configuration
      return failed(UNKNOWN, UNKNOWN, new Failure(null, Kind.FAILED, failure));
    }
  }

  private MigratedShard migrated(Flyway flyway) {
    State before = UNKNOWN;
    try {
      before = State.of(flyway);
      MigrateResult result = flyway.migrate();
      String now = highest(before.version(), result);
      return new MigratedShard(
          shard, before.version(), now, result.migrationsExecuted, took(), null);
    } catch (FlywayValidateException invalid) {
      return failed(before, before, new Failure(null, Kind.INVALID, invalid));
    } catch (RuntimeException | Error failure) { // Flyway's, a callback's, of a migration in Java
      State left = left(flyway, before);
      return failed(before, left, new Failure(left.next(), Kind.FAILED, failure));
    }
  }

  /**
   * The version that a history has now, which need not be asked for again: of that before, the one
   * that Flyway found once nobody else migrated, and the last that it did, which may be lower.
   */
  private static @Nullable String highest(@Nullable String before, MigrateResult result) {
    return Stream.of(
            Optional.ofNullable(before),
            Optional.ofNullable(result.initialSchemaVersion),
            Optional.ofNullable(result.targetSchemaVersion))
        .flatMap(Optional::stream)
        .max(Comparator.comparing(MigrationVersion::fromVersion))
        .orElse(null);
  }

  MigratedShard unreachable(SQLException failure) {
    return failed(UNKNOWN, UNKNOWN, new Failure(null, Kind.UNREACHABLE, failure));
  }

  private MigratedShard failed(State before, State left, Failure failure) {
    int done = Math.max(0, left.done() - before.done());
    return new MigratedShard(shard, before.version(), left.version(), done, took(), failure);
  }

  /** Where a run that failed has left the shard. */
  private static State left(Flyway flyway, State before) {
    try {
      return State.of(flyway);
    } catch (RuntimeException | Error gone) {
      return before;
    }
  }

  private Duration took() {
    return Duration.ofNanos(time.nanoTime() - beganNanos);
  }
}
