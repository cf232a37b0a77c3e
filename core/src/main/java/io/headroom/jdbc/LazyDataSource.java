package io.headroom.jdbc;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source whose connections are bound at their first statement, by {@link #bind}.
 *
 * <pre>{@code
 * final class ReportsElsewhere extends LazyDataSource {
 *   private final ConnectionSource primary;
 *   private final ConnectionSource reports;
 *
 *   ReportsElsewhere(DataSource primary, DataSource reports) {
 *     this.primary = ConnectionSource.of(primary);
 *     this.reports = ConnectionSource.of(reports);
 *   }
 *
 *   @Override
 *   public Binding bind(BindRequest request) throws SQLException {
 *     return (request.readOnly() ? reports : primary).bind(request);
 *   }
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads, if its {@link #bind} is; a connection belongs to one thread at a
 * time.
 */
public abstract class LazyDataSource implements DataSource, ConnectionSource {

  final SourceFacts facts;

  /** A data source that learns its databases' constants and defaults by itself. */
  protected LazyDataSource() {
    this.facts = new SourceFacts();
  }

  /**
   * A view of another data source (for one key of it, say) that shares what that one has learned of
   * its databases: a view may then be made per call.
   *
   * @param whole the data source that this is a view of
   */
  protected LazyDataSource(LazyDataSource whole) {
    this.facts = whole.facts;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return new LazyConnection(this, facts);
  }

  /**
   * Not supported: the pools behind know their users.
   *
   * @throws SQLFeatureNotSupportedException always
   */
  @Override
  public Connection getConnection(String username, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        this
            + " takes connections from pools that know their user: call getConnection(), or give a"
            + " pool of its own to user "
            + username);
  }

  /**
   * A connection on a source other than this, sharing what this one has learned of its databases.
   *
   * @param source a source in front of the same databases
   * @return an unbound connection
   */
  protected final LazyConnection open(ConnectionSource source) {
    return new LazyConnection(source, facts);
  }

  /**
   * Always null: Headroom logs through SLF4J.
   *
   * @return null
   */
  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  /**
   * Accepted and not used: Headroom logs through SLF4J.
   *
   * @param out not used
   */
  @Override
  public void setLogWriter(@Nullable PrintWriter out) {}

  /**
   * Not supported: the pools behind have timeouts of their own.
   *
   * @throws SQLFeatureNotSupportedException if it is not 0
   */
  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    if (seconds != 0) {
      throw new SQLFeatureNotSupportedException(
          this + " has no login timeout to set to " + seconds + " s: set it at the pools behind");
    }
  }

  /**
   * Always 0: the timeouts of the pools behind count.
   *
   * @return 0
   */
  @Override
  public int getLoginTimeout() {
    return 0;
  }

  /**
   * Not supported: Headroom logs through SLF4J.
   *
   * @throws SQLFeatureNotSupportedException always
   */
  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException(
        "Headroom logs through SLF4J, not through java.util.logging: configure the logger"
            + " io.headroom");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException(
        this + " is no " + type.getName() + " and has no single one behind it to unwrap");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this);
  }

  /**
   * The kind of data source; a subclass adds which one.
   *
   * @return a text for messages and logs
   */
  @Override
  public String toString() {
    return getClass().getSimpleName() + "@" + Integer.toHexString(System.identityHashCode(this));
  }
}
