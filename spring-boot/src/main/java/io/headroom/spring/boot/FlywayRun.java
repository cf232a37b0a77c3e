package io.headroom.spring.boot;

import io.headroom.TimeSource;
import io.headroom.spring.boot.MigratedShard.Failure;
import io.headroom.spring.boot.MigratedShard.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;

/**
 * One run of Flyway on one shard. What it has done is read from the shard's history: exceptions do
 * not tell it in a form for programs, and callbacks are other types in Flyway 12 than in 11. Used
 * by one thread.
 */
final class FlywayRun {

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
    Flyway flyway =
        Flyway.configure(template.getClassLoader())
            .configuration(template)
            .dataSource(primary)
            .load();
    State before = new State(null, 0, null);
    try {
      before = State.of(flyway);
      int executed = flyway.migrate().migrationsExecuted;
      return new MigratedShard(
          shard, before.version(), State.of(flyway).version(), executed, took(), null);
    } catch (FlywayValidateException invalid) {
      return failed(before, before, new Failure(null, Kind.INVALID, invalid));
    } catch (RuntimeException failure) { // Flyway's, a callback's, or of a migration in Java
      State left = left(flyway, before);
      return failed(before, left, new Failure(left.next(), Kind.FAILED, failure));
    }
  }

  MigratedShard unreachable(SQLException failure) {
    State unknown = new State(null, 0, null);
    return failed(unknown, unknown, new Failure(null, Kind.UNREACHABLE, failure));
  }

  private MigratedShard failed(State before, State left, Failure failure) {
    int done = Math.max(0, left.done() - before.done());
    return new MigratedShard(shard, before.version(), left.version(), done, took(), failure);
  }

  /** Where a run that failed has left the shard. */
  private static State left(Flyway flyway, State before) {
    try {
      return State.of(flyway);
    } catch (RuntimeException gone) {
      return before;
    }
  }

  private Duration took() {
    return Duration.ofNanos(time.nanoTime() - beganNanos);
  }
}
