package io.headroom.sharding;

import io.headroom.jdbc.ConnectionHooks;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Makes the whole session read-only while a connection is borrowed.
 *
 * <p>{@code setReadOnly(true)} is not enough: pgjdbc then begins transactions READ ONLY, but with
 * autocommit there is none to begin, and the statement writes. The session's default holds for
 * both; the server then answers a write with SQLSTATE 25006.
 */
final class ReadOnlySession implements ConnectionHooks {

  private boolean set;

  @Override
  public void onBound(Connection physical) throws SQLException {
    boolean autoCommit = physical.getAutoCommit();
    if (!autoCommit) {
      physical.setAutoCommit(true); // nothing has run yet; a rollback would take the setting back
    }
    try (Statement statement = physical.createStatement()) {
      set = !isReadOnly(statement);
      if (set) {
        statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
      }
    }
    if (!autoCommit) {
      physical.setAutoCommit(false);
    }
  }

  private static boolean isReadOnly(Statement statement) throws SQLException {
    try (ResultSet result = statement.executeQuery("SHOW default_transaction_read_only")) {
      return result.next() && "on".equals(result.getString(1));
    }
  }

  @Override
  public void beforeClose(Connection physical) throws SQLException {
    if (!set) {
      return;
    }
    if (!physical.getAutoCommit()) {
      physical.rollback(); // what was left open is given up, as the pool would
      physical.setAutoCommit(true);
    }
    try (Statement statement = physical.createStatement()) {
      statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE");
    }
  }
}
