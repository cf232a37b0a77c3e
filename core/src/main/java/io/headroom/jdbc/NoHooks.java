package io.headroom.jdbc;

/** The hooks of a plain pool. */
enum NoHooks implements ConnectionHooks {
  INSTANCE;

  @Override
  public ConnectionHooks andThen(ConnectionHooks inner) {
    return inner;
  }
}
