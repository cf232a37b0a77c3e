package io.headroom.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;

/** Two layers as one: outer first on the way in, inner first on the way out. */
final class NestedHooks implements ConnectionHooks {

  private final ConnectionHooks outer;
  private final ConnectionHooks inner;

  NestedHooks(ConnectionHooks outer, ConnectionHooks inner) {
    this.outer = outer;
    this.inner = inner;
  }

  @Override
  public void onBound(Connection physical) throws SQLException {
    outer.onBound(physical);
    inner.onBound(physical);
  }

  @Override
  public void onFirstStatement(Connection physical) throws SQLException {
    outer.onFirstStatement(physical);
    inner.onFirstStatement(physical);
  }

  @Override
  public void onAutoCommit(boolean autoCommit) {
    try {
      inner.onAutoCommit(autoCommit);
    } finally {
      outer.onAutoCommit(autoCommit);
    }
  }

  @Override
  public void beforeCommit(Connection physical) throws SQLException {
    outer.beforeCommit(physical);
    inner.beforeCommit(physical);
  }

  @Override
  public void beforeAutoCommit(Connection physical) throws SQLException {
    outer.beforeAutoCommit(physical);
    inner.beforeAutoCommit(physical);
  }

  @Override
  public void afterStatement(Connection physical) {
    try {
      inner.afterStatement(physical);
    } finally {
      outer.afterStatement(physical);
    }
  }

  @Override
  public void onCommitted(Connection physical) throws SQLException {
    inner.onCommitted(physical);
    outer.onCommitted(physical);
  }

  @Override
  public void onAutoCommitted(Connection physical, SQLWarning warning) throws SQLException {
    inner.onAutoCommitted(physical, warning);
    outer.onAutoCommitted(physical, warning);
  }

  @Override
  public void afterCommit(Connection physical) {
    try {
      inner.afterCommit(physical);
    } finally {
      outer.afterCommit(physical);
    }
  }

  @Override
  public void afterRollback(Connection physical) {
    try {
      inner.afterRollback(physical);
    } finally {
      outer.afterRollback(physical);
    }
  }

  @Override
  public SQLException onError(SQLException failure) {
    return SourceFacts.translate(outer, SourceFacts.translate(inner, failure));
  }

  @Override
  public void onReadOnly(Connection physical, boolean readOnly) throws SQLException {
    outer.onReadOnly(physical, readOnly);
    inner.onReadOnly(physical, readOnly);
  }

  @Override
  public boolean staysBound(boolean readOnly, boolean autoCommit) {
    return outer.staysBound(readOnly, autoCommit) && inner.staysBound(readOnly, autoCommit);
  }

  @Override
  public void beforeClose(Connection physical) throws SQLException {
    try {
      inner.beforeClose(physical);
    } finally {
      outer.beforeClose(physical);
    }
  }

  @Override
  public void onClose() {
    try {
      inner.onClose();
    } finally {
      outer.onClose();
    }
  }
}
