package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import io.headroom.guard.PoolRefusedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Whether anything can be read or written. Clusters with replicas are watched anyway; a pool
 * without is asked, as critical work through its guard, and one of which all connections are in use
 * counts as well, if they come back, or its server answers who knocks. Pools are asked until one
 * will do: the first alone, and if it takes its time all others together. Thread-safe.
 *
 * <p>A look takes {@link #LOOK} at most, however many pools there are: who has said nothing by then
 * is down.
 */
final class DatabaseHealth implements AutoCloseable {

  static final Duration LOOK = Duration.ofSeconds(10);

  /** How many pools a look asks at a time, on a thread each. */
  static final int MOST_AT_ONCE = 64;

  private static final Duration FIRST_ALONE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** What a pool that is full may have one wait for a connection, without another being asked. */
  private static final Duration FULL_FOR = Duration.ofSeconds(4);

  /** SQLState of a server that has no connection left, for this user or for all. */
  private static final String FULL = "53300";

  /** More than anybody wraps an exception in, and an end for causes that go round in a circle. */
  private static final int MOST_CAUSES = 32;

  private static final String UP = "UP";
  private static final String DOWN = "DOWN";
  private static final String UNKNOWN = "UNKNOWN";

  private final Overview overview;
  private final TimeSource time;
  private final Knocks knocks;
  private final Inquiries<Pool, Boolean> questions;

  /**
   * What was found.
   *
   * @param usable whether anything can be read or written
   * @param details nodes, levels, and pools that were asked
   */
  record Found(boolean usable, Map<String, Object> details) {}

  private record Pool(String name, DataSource source) {}

  private record Answer(String name, boolean usable) {}

  DatabaseHealth(Overview overview, TimeSource time) {
    this.overview = overview;
    this.time = time;
    this.knocks = new Knocks(PATIENCE, time);
    this.questions = new Inquiries<>("headroom-health", LOOK, time, this::isUsable);
  }

  Found look() {
    Map<String, Object> details = new LinkedHashMap<>(overview.databases());
    Map<String, DataSource> unwatched = overview.unwatched();
    boolean usable = overview.isWatchedUsable();
    if (!unwatched.isEmpty() && !usable) {
      Map<String, String> asked = new LinkedHashMap<>();
      usable = isAnyUsable(unwatched, asked);
      details.put("asked", asked);
    }
    boolean nothingToJudge = unwatched.isEmpty() && !details.containsKey("clusters");
    return new Found(usable || nothingToJudge, details);
  }

  private boolean isAnyUsable(Map<String, DataSource> pools, Map<String, String> asked) {
    try {
      ask(pools, asked);
    } catch (InterruptedException notWaitedFor) {
      Thread.currentThread().interrupt();
    }
    boolean usable = asked.containsValue(UP);
    asked.replaceAll((name, said) -> said.equals(UNKNOWN) && !usable ? DOWN : said);
    return usable;
  }

  /** Until one is up, all have answered, or time is over. */
  private void ask(Map<String, DataSource> pools, Map<String, String> asked)
      throws InterruptedException {
    long began = time.nanoTime();
    BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    Iterator<Map.Entry<String, DataSource>> left = pools.entrySet().iterator();
    int open = 0;
    while (open > 0 || left.hasNext()) {
      if (left.hasNext() && open < MOST_AT_ONCE) {
        Map.Entry<String, DataSource> next = left.next();
        asked.put(next.getKey(), UNKNOWN);
        ask(new Pool(next.getKey(), next.getValue()), answers);
        open++;
      }
      long patience = LOOK.toNanos() - (time.nanoTime() - began);
      if (left.hasNext() && open < MOST_AT_ONCE) {
        patience = Math.min(patience, asked.size() == 1 ? FIRST_ALONE.toNanos() : 0);
      }
      Answer answer = answers.poll(patience, TimeUnit.NANOSECONDS);
      if (answer != null) {
        open--;
        asked.put(answer.name(), answer.usable() ? UP : DOWN);
      }
      if (answer != null ? answer.usable() : patience < 0) {
        return;
      }
    }
  }

  private void ask(Pool pool, BlockingQueue<Answer> answers) {
    var unused =
        questions
            .ask(pool)
            .whenComplete(
                (usable, failure) ->
                    answers.add(new Answer(pool.name(), failure == null && usable)));
  }

  private boolean isUsable(Pool asked) {
    DataSource source = asked.source();
    HikariDataSource pool = hikari(source);
    if (pool != null && isFullForLong(pool) && !overview.isRefusing(asked.name())) {
      return knocks.isAnswered(pool);
    }
    try {
      boolean answered = Silence.ask(bounded -> answers(source, bounded));
      if (pool != null) {
        knocks.heard(pool);
      }
      return answered;
    } catch (PoolRefusedException busy) {
      return pool == null || isThere(asked.name(), pool);
    } catch (SQLException failure) {
      return isAnswer(failure) || (pool != null && isBusy(pool, failure));
    }
  }

  /** Whether it would have a look wait for a connection until the look is over. */
  private static boolean isFullForLong(HikariDataSource pool) {
    HikariPoolMXBean now = pool.getHikariPoolMXBean();
    return pool.getConnectionTimeout() > FULL_FOR.toMillis()
        && now != null
        && now.getActiveConnections() >= pool.getMaximumPoolSize();
  }

  private static @Nullable HikariDataSource hikari(DataSource source) {
    try {
      return source.unwrap(HikariDataSource.class);
    } catch (SQLException otherPool) {
      return null;
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
  private boolean isBusy(HikariDataSource pool, SQLException failure) {
    if (!(failure instanceof SQLTransientConnectionException)) {
      return false;
    }
    HikariPoolMXBean now = pool.getHikariPoolMXBean();
    if (now == null || now.getActiveConnections() == 0) {
      return false;
    }
    boolean onlyTimedOut = failure.getSQLState() == null && failure.getCause() == null;
    return onlyTimedOut
        ? now.getTotalConnections() >= pool.getMaximumPoolSize() && knocks.isAnswered(pool)
        : FULL.equals(failure.getSQLState());
  }

  /**
   * Of a pool whose guard gives nothing away: all of it may hang on a server that is silent. Where
   * connections come back it does not, and a server that has much to do is not asked for more.
   */
  private boolean isThere(String name, HikariDataSource pool) {
    HikariPoolMXBean now = pool.getHikariPoolMXBean();
    return (now != null && overview.isGivingBack(name, now.getTotalConnections(), PATIENCE))
        || knocks.isAnswered(pool);
  }

  @Override
  public void close() {
    knocks.close();
    questions.close();
  }
}
