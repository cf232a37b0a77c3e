package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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
 * <p>A login has a thread of its own, so that nobody waits for longer than the bound, whatever its
 * driver does. Of each pool there is one at a time, which all who ask meanwhile wait for: those
 * that a driver would wait for for ever do not pile up.
 */
final class Knocks {

  private final Duration most;
  private final ConcurrentMap<HikariDataSource, CompletableFuture<Boolean>> pending =
      new ConcurrentHashMap<>();

  /**
   * Has knocked at nothing yet.
   *
   * @param most how long a server may take to answer, in whole seconds
   */
  Knocks(Duration most) {
    this.most = most;
  }

  /** Whether the server says anything in time; also true where there is no way to ask it. */
  boolean isAnswered(HikariDataSource pool) {
    if (!canKnock(pool)) {
      return true;
    }
    try {
      return pending.computeIfAbsent(pool, this::begin).get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException silent) {
      return false;
    } catch (ExecutionException driverAtFault) {
      return true; // which says nothing of the server
    } catch (InterruptedException notWaitedFor) {
      Thread.currentThread().interrupt();
      return false;
    }
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

  private CompletableFuture<Boolean> begin(HikariDataSource pool) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Thread thread = new Thread(() -> knock(pool, answer), "headroom-knock");
    thread.setDaemon(true);
    thread.start();
    return answer;
  }

  private void knock(HikariDataSource pool, CompletableFuture<Boolean> answer) {
    try (Connection letIn = login(pool)) {
      end(pool, answer);
      answer.complete(letIn != null);
    } catch (SQLException refused) {
      end(pool, answer);
      answer.complete(isOfAServer(refused.getSQLState()));
    } catch (RuntimeException | Error failure) {
      end(pool, answer);
      answer.completeExceptionally(failure);
    }
  }

  /** Who asks from now on has it asked anew. */
  private void end(HikariDataSource pool, CompletableFuture<Boolean> answer) {
    pending.remove(pool, answer);
  }

  private Connection login(HikariDataSource pool) throws SQLException {
    DataSource given = pool.getDataSource();
    if (given == null) {
      return DirectDataSource.bounded(pool, most).getConnection();
    }
    return pool.getUsername() == null
        ? given.getConnection()
        : given.getConnection(pool.getUsername(), pool.getPassword());
  }

  /**
   * Whether a server has said this, and not its driver that there is none: as that it is full
   * (53300), that nobody of this name may log in (28…), or, of class 08 as well, that it takes no
   * more (08004) or will not have this (08P01). One that starts or stops (57P…) lets nobody in.
   */
  static boolean isOfAServer(@Nullable String state) {
    if (state == null) {
      return false;
    }
    boolean refused = state.equals("08004") || state.equals("08P01");
    return refused || !(state.startsWith("08") || state.startsWith("57P"));
  }
}
