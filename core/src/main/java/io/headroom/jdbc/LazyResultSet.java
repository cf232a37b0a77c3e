package io.headroom.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A result set of a lazy connection: hands back its statement, and tells the connection of what may
 * reach the server (moving the cursor, changing a row).
 */
final class LazyResultSet extends ForwardingResultSet {

  private final LazyConnection connection;
  private @Nullable LazyStatement statement;

  LazyResultSet(LazyStatement statement, ResultSet delegate) {
    super(delegate);
    this.connection = statement.connection;
    this.statement = statement;
  }

  /** A result set that no statement of the caller's made, such as one of the metadata. */
  LazyResultSet(LazyConnection connection, ResultSet delegate) {
    super(delegate);
    this.connection = connection;
  }

  /** A cursor that came as a value (pgjdbc does so for refcursor) belongs to the statement too. */
  static @Nullable Object ownedBy(LazyStatement statement, @Nullable Object value) {
    return value instanceof ResultSet cursor ? new LazyResultSet(statement, cursor) : value;
  }

  private @Nullable Object owned(@Nullable Object value) {
    if (!(value instanceof ResultSet cursor)) {
      return value;
    }
    return statement == null
        ? new LazyResultSet(connection, cursor)
        : new LazyResultSet(statement, cursor);
  }

  @Override
  public @Nullable Statement getStatement() throws SQLException {
    if (statement == null) {
      Statement driver = delegate.getStatement();
      statement = driver == null ? null : new LazyStatement(connection, driver);
      if (statement != null && driver.isCloseOnCompletion()) {
        connection.closesItself(statement);
      }
    }
    return statement;
  }

  @Override
  public boolean next() throws SQLException {
    try {
      return delegate.next();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public boolean previous() throws SQLException {
    try {
      return delegate.previous();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public boolean first() throws SQLException {
    try {
      return delegate.first();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public boolean last() throws SQLException {
    try {
      return delegate.last();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public boolean absolute(int row) throws SQLException {
    try {
      return delegate.absolute(row);
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public boolean relative(int rows) throws SQLException {
    try {
      return delegate.relative(rows);
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public void beforeFirst() throws SQLException {
    try {
      delegate.beforeFirst();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public void afterLast() throws SQLException {
    try {
      delegate.afterLast();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public void refreshRow() throws SQLException {
    try {
      delegate.refreshRow();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
  }

  @Override
  public void insertRow() throws SQLException {
    connection.beforeExecution();
    try {
      delegate.insertRow();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
    connection.afterExecution(null);
  }

  @Override
  public void updateRow() throws SQLException {
    connection.beforeExecution();
    try {
      delegate.updateRow();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
    connection.afterExecution(null);
  }

  @Override
  public void deleteRow() throws SQLException {
    connection.beforeExecution();
    try {
      delegate.deleteRow();
    } catch (SQLException e) {
      throw connection.translated(e);
    }
    connection.afterExecution(null);
  }

  @Override
  public @Nullable Object getObject(int columnIndex) throws SQLException {
    return owned(delegate.getObject(columnIndex));
  }

  @Override
  public @Nullable Object getObject(int columnIndex, Map<String, Class<?>> map)
      throws SQLException {
    return owned(delegate.getObject(columnIndex, map));
  }

  @Override
  public <T> @Nullable T getObject(int columnIndex, Class<T> type) throws SQLException {
    T value = delegate.getObject(columnIndex, type);
    return type == ResultSet.class ? type.cast(owned(value)) : value;
  }

  @Override
  public @Nullable Object getObject(String columnLabel) throws SQLException {
    return owned(delegate.getObject(columnLabel));
  }

  @Override
  public @Nullable Object getObject(String columnLabel, Map<String, Class<?>> map)
      throws SQLException {
    return owned(delegate.getObject(columnLabel, map));
  }

  @Override
  public <T> @Nullable T getObject(String columnLabel, Class<T> type) throws SQLException {
    T value = delegate.getObject(columnLabel, type);
    return type == ResultSet.class ? type.cast(owned(value)) : value;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    return type.isInstance(delegate) ? type.cast(delegate) : delegate.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || type.isInstance(delegate) || delegate.isWrapperFor(type);
  }

  @Override
  public String toString() {
    return delegate.toString();
  }
}
