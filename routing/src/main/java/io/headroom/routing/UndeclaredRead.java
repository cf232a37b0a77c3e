package io.headroom.routing;

import io.headroom.jdbc.ConnectionHooks;

/**
 * A connection that took a replica because its request reads with autocommit: for that and no more,
 * since a transaction that begins on it may write, and may have to see what was written meanwhile.
 */
enum UndeclaredRead implements ConnectionHooks {
  HOOKS;

  @Override
  public boolean staysBound(boolean readOnly, boolean autoCommit) {
    return !readOnly && autoCommit;
  }
}
