package io.headroom.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;

/**
 * A physical connection and the hooks of every layer it came through.
 *
 * @param connection the physical connection, as its pool gave it; closing it returns it there
 * @param hooks what the layers want to be told, composed into one
 */
public record Binding(Connection connection, ConnectionHooks hooks) {

  /**
   * Checks that both parts are there.
   *
   * @param connection the physical connection
   * @param hooks the composed hooks
   */
  public Binding {
    Objects.requireNonNull(connection, "connection must not be null");
    Objects.requireNonNull(hooks, "hooks must not be null");
  }

  /**
   * This binding inside one more layer.
   *
   * @param outer the hooks of the layer around it
   * @return the same connection with {@code outer.andThen(hooks())}
   */
  public Binding within(ConnectionHooks outer) {
    return new Binding(connection, outer.andThen(hooks));
  }

  /**
   * Returns a connection that nothing has used, for a source that took it and finds that it cannot
   * hand it on. The hooks are told, and a failure to return it is logged, not thrown.
   */
  public void giveBack() {
    releaseQuietly(SourceFacts.FORGETFUL);
  }

  /** Returns the connection to where it came from, then tells the hooks, come what may. */
  void release(SourceFacts facts) throws SQLException {
    try {
      if (hooks == ConnectionHooks.none() || restored(facts)) {
        closeWhole(facts);
      } else {
        closeAborted(facts);
      }
    } finally {
      facts.closed(hooks);
    }
  }

  /**
   * Returns a connection that failed or was aborted. Whoever hears of that has heard already, and a
   * pool that finds the connection broken (HikariCP says so with 08003) has dropped it.
   */
  void releaseQuietly(SourceFacts facts) {
    try {
      release(facts);
    } catch (SQLException | RuntimeException e) {
      facts.returnFailed(e);
    }
  }

  /** A session that can't be restored must not reach its pool's next borrower. */
  private boolean restored(SourceFacts facts) {
    try {
      hooks.beforeClose(connection);
      return true;
    } catch (SQLException | RuntimeException e) {
      facts.returnFailed(e);
      return false;
    }
  }

  /**
   * What is not an SQLException is the pool's own failure, which is no news to whoever is done with
   * the connection: HikariCP puts back what was set on one, and if that was evicted meanwhile, as
   * after a failover, it finds a null there (its issue 914), with the connection dropped already.
   */
  private void closeWhole(SourceFacts facts) throws SQLException {
    try {
      connection.close();
    } catch (RuntimeException e) {
      facts.returnFailed(e);
    }
  }

  private void closeAborted(SourceFacts facts) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException | RuntimeException e) {
      facts.returnFailed(e);
    }
    try {
      connection.close();
    } catch (SQLException | RuntimeException e) {
      facts.returnFailed(e);
    }
  }
}
