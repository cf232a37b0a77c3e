package io.headroom.benchmarks.stub;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** What a benchmark, and the libraries measured, call of a connection. */
abstract class StubConnection implements Connection {
  private final StubStatement statement =
      Completed.create(StubStatement.class, new Class<?>[] {StubConnection.class}, this);
  private boolean closed = true;

  StubConnection borrowed() {
    closed = false;
    return this;
  }

  @Override
  public PreparedStatement prepareStatement(String sql) throws SQLException {
    if (closed) {
      throw new SQLException("the stub connection is closed");
    }
    return statement.prepared();
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency)
      throws SQLException {
    return prepareStatement(sql);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    return prepareStatement(sql);
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public boolean isValid(int timeout) {
    return !closed;
  }

  @Override
  public boolean getAutoCommit() {
    return true;
  }

  @Override
  public void setAutoCommit(boolean autoCommit) {}

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void setReadOnly(boolean readOnly) {}

  @Override
  public int getTransactionIsolation() {
    return TRANSACTION_READ_COMMITTED;
  }

  @Override
  public void clearWarnings() {}
}
