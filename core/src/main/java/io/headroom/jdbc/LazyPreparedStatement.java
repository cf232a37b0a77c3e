package io.headroom.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A prepared statement of a lazy connection: tells it of each execution. */
class LazyPreparedStatement extends ForwardingPreparedStatement {

  LazyPreparedStatement(LazyConnection connection, PreparedStatement prepared) {
    super(connection, prepared);
  }

  @Override
  public final ResultSet executeQuery() throws SQLException {
    connection.beforeExecution();
    ResultSet result;
    try {
      result = prepared.executeQuery();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
    connection.afterExecution(delegate);
    return new LazyResultSet(this, result);
  }

  @Override
  public final int executeUpdate() throws SQLException {
    connection.beforeExecution();
    int rows;
    try {
      rows = prepared.executeUpdate();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
    connection.afterExecution(delegate);
    return rows;
  }

  @Override
  public final long executeLargeUpdate() throws SQLException {
    connection.beforeExecution();
    long rows;
    try {
      rows = prepared.executeLargeUpdate();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
    connection.afterExecution(delegate);
    return rows;
  }

  @Override
  public final boolean execute() throws SQLException {
    connection.beforeExecution();
    boolean isResultSet;
    try {
      isResultSet = prepared.execute();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
    connection.afterExecution(delegate);
    return isResultSet;
  }
}
