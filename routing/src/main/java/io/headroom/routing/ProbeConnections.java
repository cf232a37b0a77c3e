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

  /** Connections of a data source that was given for probes. */
  static ProbeConnections given(DataSource forProbes) {
    return forProbes::getConnection;
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
    return hikari == null ? pool::getConnection : new BesideHikari(hikari, timeout);
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
