package io.headroom.benchmarks.stub;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** What a benchmark, and the libraries measured, call of a prepared statement. */
abstract class StubStatement implements PreparedStatement {
  private final StubConnection connection;
  private final StubResultSet rows =
      Completed.create(StubResultSet.class, new Class<?>[] {StubStatement.class}, this);
  private long parameter;
  private boolean closed = true;

  StubStatement(StubConnection connection) {
    this.connection = connection;
  }

  StubStatement prepared() {
    closed = false;
    return this;
  }

  @Override
  public void setLong(int index, long value) {
    parameter = value;
  }

  @Override
  public void setObject(int index, Object value) {
    parameter = ((Number) value).longValue();
  }

  @Override
  public ResultSet executeQuery() {
    return rows.holding(parameter);
  }

  @Override
  public boolean execute() {
    return true;
  }

  @Override
  public ResultSet getResultSet() {
    return rows.holding(parameter);
  }

  @Override
  public Connection getConnection() {
    return connection;
  }

  @Override
  public int getFetchSize() {
    return 0;
  }

  @Override
  public void clearParameters() {}

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public @Nullable SQLWarning getWarnings() {
    return null;
  }
}
