package io.headroom.jdbc;

import java.sql.CallableStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A callable statement of a lazy connection: its cursors hand back the statement. */
final class LazyCallableStatement extends ForwardingCallableStatement {

  LazyCallableStatement(LazyConnection connection, CallableStatement callable) {
    super(connection, callable);
  }

  @Override
  public @Nullable Object getObject(int parameterIndex) throws SQLException {
    return LazyResultSet.ownedBy(this, callable.getObject(parameterIndex));
  }

  @Override
  public @Nullable Object getObject(int parameterIndex, Map<String, Class<?>> map)
      throws SQLException {
    return LazyResultSet.ownedBy(this, callable.getObject(parameterIndex, map));
  }

  @Override
  public <T> @Nullable T getObject(int parameterIndex, Class<T> type) throws SQLException {
    T value = callable.getObject(parameterIndex, type);
    return type == ResultSet.class ? type.cast(LazyResultSet.ownedBy(this, value)) : value;
  }

  @Override
  public @Nullable Object getObject(String parameterName) throws SQLException {
    return LazyResultSet.ownedBy(this, callable.getObject(parameterName));
  }

  @Override
  public @Nullable Object getObject(String parameterName, Map<String, Class<?>> map)
      throws SQLException {
    return LazyResultSet.ownedBy(this, callable.getObject(parameterName, map));
  }

  @Override
  public <T> @Nullable T getObject(String parameterName, Class<T> type) throws SQLException {
    T value = callable.getObject(parameterName, type);
    return type == ResultSet.class ? type.cast(LazyResultSet.ownedBy(this, value)) : value;
  }
}
