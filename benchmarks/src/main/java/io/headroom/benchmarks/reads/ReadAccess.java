package io.headroom.benchmarks.reads;

import io.headroom.benchmarks.peers.Accounts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A way to a primary's replicas. */
@FunctionalInterface
public interface ReadAccess extends AutoCloseable {
  /**
   * Borrows a connection that may yet be declared read-only.
   *
   * @return a connection to close after use
   * @throws SQLException if none can be had
   */
  Connection getConnection() throws SQLException;

  /**
   * A read-only transaction of one row: setReadOnly(true), setAutoCommit(false), prepare, execute,
   * next, getLong, commit, close.
   *
   * @param id of the account
   * @return its balance, which is its id
   * @throws SQLException if it fails
   */
  default long balance(long id) throws SQLException {
    try (Connection connection = getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      long balance = read(connection, id);
      connection.commit();
      return balance;
    }
  }

  private static long read(Connection connection, long id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(Accounts.SELECT)) {
      statement.setLong(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  @Override
  default void close() throws SQLException {}
}
