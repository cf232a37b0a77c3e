package io.headroom.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;

/**
 * What a layer wants to be told of a connection that came through it. All methods do nothing unless
 * overridden.
 *
 * <pre>{@code
 * final class CommitCounter implements ConnectionHooks {
 *   private final LongAdder commits = new LongAdder();
 *
 *   @Override
 *   public void afterCommit(Connection physical) {
 *     commits.increment();
 *   }
 * }
 * }</pre>
 *
 * <p><b>Order.</b> {@code outer.andThen(inner)} behaves like nested layers: on the way in ({@link
 * #onBound}, {@link #onFirstStatement}, {@link #beforeAutoCommit}, {@link #beforeCommit}, {@link
 * #onReadOnly}) the outer is called first, on the way out ({@link #onAutoCommit}, {@link
 * #afterStatement}, {@link #onCommitted}, {@link #afterCommit}, {@link #onAutoCommitted}, {@link
 * #afterRollback}, {@link #onError}, {@link #beforeClose}, {@link #onClose}) the inner.
 *
 * <p><b>Exceptions.</b> The five that come before work may throw: it does not happen, and the
 * caller gets the exception. {@link #onCommitted} and {@link #onAutoCommitted} may throw, and take
 * the caller's trust in the commit; {@link #beforeClose} may, at the price of the connection. The
 * others may not, since what happened cannot be made unhappened: an unchecked exception of theirs
 * is logged (the first of a class of hooks as a warning) and dropped, and the other layers are
 * still called.
 *
 * <p><b>Threads.</b> Called on the thread that uses the connection. A hook that serves many
 * connections is safe for use by many threads; state of one connection belongs into a hook made for
 * it in {@link ConnectionSource#bind}. The physical connection may be used for statements of the
 * hook's own; they pass no hook.
 */
public interface ConnectionHooks {

  /**
   * The hooks that do nothing.
   *
   * @return always the same instance
   */
  static ConnectionHooks none() {
    return NoHooks.INSTANCE;
  }

  /**
   * The physical connection has been taken and has the settings that were made so far.
   *
   * @param physical the physical connection
   * @throws SQLException to refuse it: it is closed, and the caller gets this
   */
  default void onBound(Connection physical) throws SQLException {}

  /**
   * The first statement of the connection is about to run. Once per connection; after an exception
   * it is asked again before the next statement.
   *
   * @param physical the physical connection; a transaction, where there is to be one, is not begun
   *     yet
   * @throws SQLException to stop the statement; the caller gets this
   */
  default void onFirstStatement(Connection physical) throws SQLException {}

  /**
   * Autocommit was turned on or off, after {@link #onBound}: what it is then, the physical
   * connection says. Turning it on has committed what was open.
   *
   * @param autoCommit what it is from now on
   */
  default void onAutoCommit(boolean autoCommit) {}

  /**
   * With autocommit, a statement is about to run: what it writes is committed with it (whether it
   * writes is not known, since no SQL is parsed). A batch calls it once.
   *
   * @param physical the physical connection
   * @throws SQLException to stop the statement; the caller gets this
   */
  default void beforeAutoCommit(Connection physical) throws SQLException {}

  /**
   * A statement ran without an error, in a transaction or as one of its own; its result has not
   * been read. Not called for a batch that failed half-way.
   *
   * @param physical the physical connection
   */
  default void afterStatement(Connection physical) {}

  /**
   * A transaction is about to be committed, by {@code commit()} or by {@code setAutoCommit(true)}.
   * Not called with autocommit, where the statement is its own commit, nor for a {@code COMMIT}
   * that is sent as SQL.
   *
   * @param physical the physical connection
   * @throws SQLException to stop it: the transaction stays open, and the caller gets this
   */
  default void beforeCommit(Connection physical) throws SQLException {}

  /**
   * The driver's {@code commit()} (or {@code setAutoCommit(true)}) has returned: the moment for a
   * layer that knows better to say so. {@link #afterCommit} follows unless one of them throws.
   *
   * @param physical the physical connection
   * @throws SQLException if the commit cannot be relied on, such as one whose wait for a
   *     synchronous replica was cancelled; the caller gets this
   */
  default void onCommitted(Connection physical) throws SQLException {}

  /**
   * With autocommit, a statement ran without an error but with warnings, one of which may be of its
   * commit. Called after {@link #afterCommit}.
   *
   * @param physical the physical connection
   * @param warning the first of the statement's warnings
   * @throws SQLException if the commit cannot be relied on; the caller gets this
   */
  default void onAutoCommitted(Connection physical, SQLWarning warning) throws SQLException {}

  /**
   * Something may have been written for good: a transaction was committed, or, with autocommit, a
   * statement ran (whether it wrote is not known, since no SQL is parsed). With autocommit this
   * comes when the statement has been executed, before its result is read; a batch calls it once. A
   * failed batch with autocommit may have written too; {@link #onError} sees it as a {@link
   * java.sql.BatchUpdateException}.
   *
   * @param physical the physical connection
   */
  default void afterCommit(Connection physical) {}

  /**
   * A transaction was rolled back by {@code rollback()}. Not called for a rollback to a savepoint,
   * nor for a transaction left open at close, which the pool ends.
   *
   * @param physical the physical connection
   */
  default void afterRollback(Connection physical) {}

  /**
   * The driver failed to prepare or run a statement, to move a result set, to set, release or
   * return to a savepoint, or to end a transaction.
   *
   * @param failure what it threw, or what the layer within made of it
   * @return what the caller gets: the failure itself, or another with it as its cause
   */
  default SQLException onError(SQLException failure) {
    return failure;
  }

  /**
   * The connection was declared read-only, or no longer so, or its autocommit was set otherwise,
   * outside a transaction: whether its physical one still does. If not, and no statement is open,
   * that goes back to its pool, and the next statement binds anew.
   *
   * @param readOnly what is declared from now on
   * @param autoCommit whether each statement is a transaction of its own from now on
   * @return false where other work belongs on another database
   */
  default boolean staysBound(boolean readOnly, boolean autoCommit) {
    return true;
  }

  /**
   * The connection is declared read-only, or no longer so, and keeps its physical one: because
   * {@link #staysBound} said so, or because a statement is open. The driver is told next.
   *
   * @param physical the physical connection
   * @param readOnly what is declared from now on
   * @throws SQLException if the session could not be made so; the caller of {@code setReadOnly}
   *     gets this, and nothing has changed
   */
  default void onReadOnly(Connection physical, boolean readOnly) throws SQLException {}

  /**
   * The physical connection is about to be returned to its pool: the moment to take back what was
   * set on its session. Called for every {@link Binding} that a source gave, even if {@link
   * #onBound} was never reached, or the connection is broken.
   *
   * @param physical the physical connection
   * @throws SQLException if the session could not be restored: the connection is aborted, so that
   *     its pool gives it to nobody else; the caller of {@code close()} does not hear of it
   */
  default void beforeClose(Connection physical) throws SQLException {}

  /**
   * The physical connection has been returned to its pool. Called exactly once for every {@link
   * Binding} that a source gave, after the return, even if that failed or {@link #onBound} was
   * never reached.
   */
  default void onClose() {}

  /**
   * These hooks around others.
   *
   * @param inner the hooks of the layer within, nearer to the pool
   * @return both as one, in the order described above
   */
  default ConnectionHooks andThen(ConnectionHooks inner) {
    return inner == NoHooks.INSTANCE ? this : new NestedHooks(this, inner);
  }
}
