package io.headroom.routing;

import io.headroom.jdbc.ConnectionHooks;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A connection that took a replica because its request reads with autocommit: for that and no more,
 * since a transaction that begins on it may write, and may have to see what was written meanwhile.
 */
enum UndeclaredRead implements ConnectionHooks {
  HOOKS;

  /**
   * A driver that keeps its session's state by its own read-only flag ({@code readOnlyMode=always})
   * had it take writes when the pool last reset that flag, or with a {@code setReadOnly(false)} of
   * the caller. Any other driver sends nothing for it here.
   */
  @Override
  public void onBound(Connection physical) throws SQLException {
    if (!physical.isReadOnly()) {
      physical.setReadOnly(true);
    }
  }

  @Override
  public boolean staysBound(boolean readOnly, boolean autoCommit) {
    return !readOnly && autoCommit;
  }
}
