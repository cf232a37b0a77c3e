package io.headroom.routing;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections come from that a node is probed on. A prober keeps its connection, so that
 * it can ask when the pool has none to give. Thread-safe.
 */
interface ProbeConnections {

  /** A connection to the node, as new as it gets; the caller closes it. */
  Connection open() throws SQLException;

  /**
   * A connection for one question to a node that has none left to make: it was made before, and so
   * may reach what the node's name led to then. The caller closes it.
   *
   * @return null if there is none
   */
  default @Nullable Connection lent() throws SQLException {
    return null;
  }

  /**
   * Whether each is made for the probe, so that there may be two of them for a moment; a pool that
   * lends them may have just one.
   */
  default boolean areMadeAnew() {
    return true;
  }

  /** Connections of a data source that was given for probes. */
  static ProbeConnections given(DataSource forProbes) {
    return hikari(forProbes) == null ? forProbes::getConnection : lentBy(forProbes);
  }

  /**
   * Connections beside a pool: of a HikariCP pool made anew as its configuration says, of any other
   * one taken from it.
   *
   * @param timeout how long one may take to make, where the driver is PostgreSQL's and the
   *     configuration does not say
   */
  static ProbeConnections beside(DataSource pool, Duration timeout) {
    HikariDataSource hikari = hikari(pool);
    return hikari == null ? lentBy(pool) : new BesideHikari(hikari, timeout);
  }

  private static ProbeConnections lentBy(DataSource pool) {
    return new ProbeConnections() {
      @Override
      public Connection open() throws SQLException {
        return pool.getConnection();
      }

      @Override
      public boolean areMadeAnew() {
        return false;
      }
    };
  }

  /**
   * Whether a server is there that has no connection left, for anybody or for this role or
   * database.
   */
  static boolean saysFull(SQLException failure) {
    return "53300".equals(failure.getSQLState());
  }

  /** The HikariCP pool that a data source is, or stands around; null if there is none. */
  static @Nullable HikariDataSource hikari(DataSource pool) {
    if (pool instanceof HikariDataSource hikari) {
      return hikari;
    }
    try {
      return pool.isWrapperFor(HikariDataSource.class) ? pool.unwrap(HikariDataSource.class) : null;
    } catch (SQLException | RuntimeException | AbstractMethodError e) {
      return null;
    }
  }
}
