package io.headroom.routing;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What can be done with a pool beyond borrowing: HikariCP drops connections on request; of another
 * pool the connection itself is aborted, and the pool finds that out. Thread-safe.
 */
final class PoolControl {

  private final @Nullable HikariDataSource hikari;

  PoolControl(DataSource pool) {
    this.hikari = ProbeConnections.hikari(pool);
  }

  /** Connections that the pool has at most. */
  int capacity() {
    return hikari == null ? Integer.MAX_VALUE : hikari.getMaximumPoolSize();
  }

  /** Whether who borrows now would have to wait until another gives back, if it says. */
  boolean isInUse() {
    HikariPoolMXBean bean = hikari == null ? null : hikari.getHikariPoolMXBean();
    return bean != null && bean.getActiveConnections() >= capacity();
  }

  /** Whether its connections begin transactions SERIALIZABLE, if it says. */
  boolean isSerializable() {
    String isolation = hikari == null ? null : hikari.getTransactionIsolation();
    return isolation != null
        && (isolation.equalsIgnoreCase("TRANSACTION_SERIALIZABLE")
            || isolation.equals(Integer.toString(Connection.TRANSACTION_SERIALIZABLE)));
  }

  /** How long it holds who borrows, if it says. */
  Optional<Duration> patience() {
    return hikari == null
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(hikari.getConnectionTimeout()));
  }

  /** Drops a borrowed connection, so that nobody borrows it again. */
  void evict(Connection borrowed) {
    if (hikari != null && borrowed.getClass().getName().startsWith("com.zaxxer.hikari.")) {
      hikari.evictConnection(borrowed);
      return;
    }
    abort(borrowed);
  }

  /**
   * Drops a borrowed connection, from another thread, and ends what runs on it. In this order:
   * where HikariCP knows that a connection is dropped, it keeps from whoever gives it back that it
   * is broken.
   */
  void cutOff(Connection borrowed) {
    evict(borrowed);
    abort(borrowed);
  }

  private static void abort(Connection borrowed) {
    try {
      borrowed.abort(Runnable::run);
    } catch (SQLException | RuntimeException alreadyBroken) {
      // it goes back broken, and the pool sees that
    }
  }

  /** Drops every idle connection now, and the others when they come back. */
  void evictAll() {
    HikariPoolMXBean bean = hikari == null ? null : hikari.getHikariPoolMXBean();
    if (bean != null) {
      bean.softEvictConnections();
    }
  }
}
