package io.headroom.sharding;

import java.sql.Connection;
import java.sql.SQLException;

/** A connection on loan; what was changed on it is undone at its close. */
record StoreSession(Connection connection, int networkTimeoutMillis, boolean autoCommit)
    implements AutoCloseable {

  static StoreSession of(Connection connection) throws SQLException {
    try {
      return new StoreSession(
          connection, connection.getNetworkTimeout(), connection.getAutoCommit());
    } catch (SQLException | RuntimeException e) {
      try (connection) {
        throw e;
      }
    }
  }

  @Override
  public void close() throws SQLException {
    try (connection) {
      if (!connection.isClosed()) {
        if (connection.getAutoCommit() != autoCommit) {
          connection.setAutoCommit(autoCommit);
        }
        connection.setNetworkTimeout(Runnable::run, networkTimeoutMillis);
      }
    }
  }
}
