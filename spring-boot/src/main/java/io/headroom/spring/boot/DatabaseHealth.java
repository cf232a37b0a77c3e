package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.guard.PoolRefusedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;

/**
 * Whether anything can be read or written. Clusters with replicas are watched anyway; a pool
 * without is asked, as critical work through its guard, and one of which all connections are in use
 * counts as well, if its server answers who knocks. Pools are asked until one will do. Thread-safe.
 */
final class DatabaseHealth {

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** SQLState of a server that has no connection left, for this user or for all. */
  private static final String FULL = "53300";

  /** More than anybody wraps an exception in, and an end for causes that go round in a circle. */
  private static final int MOST_CAUSES = 32;

  private final Overview overview;
  private final Knocks knocks = new Knocks(PATIENCE);

  /**
   * What was found.
   *
   * @param usable whether anything can be read or written
   * @param details nodes, levels, and pools that were asked
   */
  record Found(boolean usable, Map<String, Object> details) {}

  DatabaseHealth(Overview overview) {
    this.overview = overview;
  }

  Found look() {
    Map<String, Object> details = new LinkedHashMap<>(overview.databases());
    Map<String, DataSource> unwatched = overview.unwatched();
    boolean usable = overview.isWatchedUsable();
    if (!unwatched.isEmpty() && !usable) {
      Map<String, Object> asked = new LinkedHashMap<>();
      for (Map.Entry<String, DataSource> each : unwatched.entrySet()) {
        usable = isUsable(each.getValue());
        asked.put(each.getKey(), usable ? "UP" : "DOWN");
        if (usable) {
          break;
        }
      }
      details.put("asked", asked);
    }
    boolean nothingToJudge = unwatched.isEmpty() && !details.containsKey("clusters");
    return new Found(usable || nothingToJudge, details);
  }

  private boolean isUsable(DataSource source) {
    try {
      return Silence.ask(bounded -> answers(source, bounded));
    } catch (PoolRefusedException busy) {
      return isThere(source);
    } catch (SQLException failure) {
      return isAnswer(failure) || isBusy(source, failure);
    }
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private static boolean answers(DataSource source, boolean bounded) throws SQLException {
    RequestContext critical =
        RequestContext.builder().criticality(Criticality.CRITICAL).timeout(PATIENCE).build();
    try (RequestContext.Scope scope = critical.attach();
        Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      Silence.bound(statement, PATIENCE, bounded);
      return statement.execute("SELECT 1"); // isValid() would ask nobody: it has no server yet
    }
  }

  /**
   * Whether a server refused the statement, as one that knows no SELECT without FROM: it is there.
   * Where nobody was let in to ask it anything, HikariCP says so.
   */
  private static boolean isAnswer(SQLException failure) {
    boolean refused = false;
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++, cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException) {
        return false;
      }
      refused |=
          cause instanceof SQLException said
              && said.getSQLState() != null
              && said.getSQLState().startsWith("42");
    }
    return refused;
  }

  /**
   * Whether no connection was to be had since others work with all there are: those of the pool,
   * and its server answers, or those of the server, which says so. Where HikariCP could not connect
   * it gives a cause, but not while a login hangs, and then it has fewer than it may have. What
   * fails on a connection that was had is no matter of others.
   */
  private boolean isBusy(DataSource source, SQLException failure) {
    if (!(failure instanceof SQLTransientConnectionException)) {
      return false;
    }
    try {
      HikariDataSource pool = source.unwrap(HikariDataSource.class);
      HikariPoolMXBean now = pool.getHikariPoolMXBean();
      if (now == null || now.getActiveConnections() == 0) {
        return false;
      }
      boolean onlyTimedOut = failure.getSQLState() == null && failure.getCause() == null;
      return onlyTimedOut
          ? now.getTotalConnections() >= pool.getMaximumPoolSize() && knocks.isAnswered(pool)
          : FULL.equals(failure.getSQLState());
    } catch (SQLException otherPool) {
      return false;
    }
  }

  /** Of a pool whose guard gives nothing away: all of it may hang on a server that is silent. */
  private boolean isThere(DataSource source) {
    try {
      return knocks.isAnswered(source.unwrap(HikariDataSource.class));
    } catch (SQLException otherPool) {
      return true;
    }
  }
}
