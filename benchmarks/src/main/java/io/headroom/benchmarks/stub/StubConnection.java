package io.headroom.benchmarks.stub;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** What a benchmark, and the libraries measured, call of a connection. */
abstract class StubConnection implements Connection {
  private final StubStatement statement =
      Completed.create(StubStatement.class, new Class<?>[] {StubConnection.class}, this);
  private final String database;
  private boolean closed = true;
  private boolean autoCommit = true;
  private boolean readOnly;

  StubConnection(String database) {
    this.database = database;
  }

  /** As pools do: with the settings of a new one. */
  StubConnection borrowed() {
    closed = false;
    autoCommit = true;
    readOnly = false;
    return this;
  }

  @Override
  public DatabaseMetaData getMetaData() {
    return Completed.create(StubMetaData.class, new Class<?>[0]);
  }

  @Override
  public void commit() {}

  @Override
  public void rollback() {}

  @Override
  public String getCatalog() {
    return database;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException("the stub wraps nothing, least of all " + type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
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
    return autoCommit;
  }

  @Override
  public void setAutoCommit(boolean on) {
    autoCommit = on;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public void setReadOnly(boolean on) {
    readOnly = on;
  }

  @Override
  public int getTransactionIsolation() {
    return TRANSACTION_READ_COMMITTED;
  }

  @Override
  public void clearWarnings() {}

  @Override
  public @Nullable SQLWarning getWarnings() {
    return null;
  }
}
