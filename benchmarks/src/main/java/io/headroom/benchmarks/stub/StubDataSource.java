package io.headroom.benchmarks.stub;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * A pool of one connection whose every query returns one row: the id that was asked for.
 *
 * <p>Allocates nothing once made. For one thread.
 */
public final class StubDataSource implements DataSource {
  private final StubConnection connection;

  /** Of a database that need not be told from others. */
  public StubDataSource() {
    this("stub");
  }

  /**
   * Of a database with a name.
   *
   * @param database what its connections answer to {@code getCatalog()}
   */
  public StubDataSource(String database) {
    connection = Completed.create(StubConnection.class, new Class<?>[] {String.class}, database);
  }

  @Override
  public Connection getConnection() {
    return connection.borrowed();
  }

  @Override
  public Connection getConnection(String user, String password) {
    return getConnection();
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    throw new SQLFeatureNotSupportedException("the stub logs nothing");
  }

  @Override
  public void setLogWriter(PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("the stub logs nothing");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("the stub wraps nothing, least of all " + type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
