package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.TimeSource;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether the server of a pool that has no connection to spare is there, by a login
 * beside the pool: a server that says no to it is there as well. Thread-safe.
 *
 * <p>Nobody waits for longer than the bound, but the login goes on: pools are full just when
 * servers are slow. What a server has said, be it to one who had left by then, counts for a while.
 */
final class Knocks implements AutoCloseable {

  /** For how long a server that has said something is taken to be there while it says nothing. */
  static final Duration KNOWN_FOR = Duration.ofSeconds(20);

  private static final int LOGIN_TAKES = 5;
  private static final int LOST_AFTER = 3;

  /** More than anybody wraps an exception in, and an end for causes that go round in a circle. */
  private static final int MOST_CAUSES = 32;

  /** SQLStates of drivers that have waited in vain. */
  private static final Set<String> TIMED_OUT = Set.of("HYT00", "HYT01");

  private final Duration most;
  private final TimeSource time;
  private final Inquiries<HikariDataSource, Said> logins;
  private final ConcurrentMap<HikariDataSource, Long> heardNanos = new ConcurrentHashMap<>();

  /** What a login has come to. */
  enum Said {
    /** A server has let it in, or refused it. */
    THERE,
    /** Nobody is there, or who is there works for nobody. */
    GONE,
    /** The driver has given up waiting. */
    NOTHING
  }

  /**
   * Has knocked at nothing yet.
   *
   * @param most how long one waits for an answer, in whole seconds; a login may take five times as
   *     long, and after three times as long it may be lost, so that another one is begun
   */
  Knocks(Duration most, TimeSource time) {
    this.most = most;
    this.time = time;
    this.logins =
        new Inquiries<>("headroom-knock", most.multipliedBy(LOST_AFTER), time, this::knock);
  }

  /**
   * Whether the server says anything in time, or did so lately and has not gone since; also true
   * where there is no way to ask it.
   */
  boolean isAnswered(HikariDataSource pool) {
    if (!canKnock(pool)) {
      return true;
    }
    try {
      Said said = logins.ask(pool).get(most.toMillis(), TimeUnit.MILLISECONDS);
      return said == Said.THERE || (said == Said.NOTHING && isKnown(pool));
    } catch (TimeoutException slow) {
      return isKnown(pool);
    } catch (ExecutionException driverAtFault) {
      return true; // which says nothing of the server
    } catch (InterruptedException notWaitedFor) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The server has answered, to this or to something else. */
  void heard(HikariDataSource pool) {
    heardNanos.put(pool, time.nanoTime());
  }

  private boolean isKnown(HikariDataSource pool) {
    Long last = heardNanos.get(pool);
    return last != null && time.nanoTime() - last < KNOWN_FOR.toNanos();
  }

  /** Of a pool that makes its data source of a class's name nobody else has that. */
  private static boolean canKnock(HikariDataSource pool) {
    if (pool.getDataSource() != null) {
      return true;
    }
    try {
      return pool.getJdbcUrl() != null && DriverManager.getDriver(pool.getJdbcUrl()) != null;
    } catch (SQLException unknownToAll) {
      return false;
    }
  }

  private Said knock(HikariDataSource pool) {
    long began = time.nanoTime();
    Said said = Said.GONE;
    try (Connection letIn = login(pool)) {
      said = letIn == null ? Said.GONE : Said.THERE;
    } catch (SQLException refused) {
      said = said == Said.THERE ? said : said(refused); // it may be the end that failed
    }
    if (said == Said.THERE) {
      heard(pool);
    } else if (said == Said.GONE) {
      forget(pool, began);
    }
    return said;
  }

  /** Not what has been heard meanwhile: this login may have been lost long before. */
  private void forget(HikariDataSource pool, long beforeNanos) {
    Long last = heardNanos.get(pool);
    if (last != null && last - beforeNanos < 0) {
      heardNanos.remove(pool, last);
    }
  }

  private Connection login(HikariDataSource pool) throws SQLException {
    DataSource given = pool.getDataSource();
    if (given == null) {
      return DirectDataSource.bounded(pool, most.multipliedBy(LOGIN_TAKES)).getConnection();
    }
    return pool.getUsername() == null
        ? given.getConnection()
        : given.getConnection(pool.getUsername(), pool.getPassword());
  }

  /** That a driver waited in vain is no word of a server's, nor that there is none. */
  static Said said(SQLException failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++, cause = cause.getCause()) {
      if (cause instanceof SQLTimeoutException || cause instanceof SocketTimeoutException) {
        return Said.NOTHING;
      }
    }
    String state = failure.getSQLState();
    if (state != null && TIMED_OUT.contains(state)) {
      return Said.NOTHING;
    }
    return isOfAServer(state) ? Said.THERE : Said.GONE;
  }

  /**
   * Whether a server has said this, and not its driver that there is none: as that it is full
   * (53300), that nobody of this name may log in (28…), or, of class 08 as well, that it takes no
   * more (08004) or will not have this (08P01). One that starts or stops (57P…) lets nobody in.
   *
   * <p>08P01 is also what PgBouncer says of nearly everything: that it takes no more clients
   * (max_client_conn), as when all are busy, which is no reason to take any of them away; but also
   * that its own server is gone. Then it ends the connections that it has given out, and a pool
   * that had them is not full for long.
   */
  static boolean isOfAServer(@Nullable String state) {
    if (state == null) {
      return false;
    }
    boolean refused = state.equals("08004") || state.equals("08P01");
    return refused || !(state.startsWith("08") || state.startsWith("57P"));
  }

  @Override
  public void close() {
    logins.close();
  }
}
