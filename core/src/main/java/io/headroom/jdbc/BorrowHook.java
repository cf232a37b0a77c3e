package io.headroom.jdbc;

import java.sql.SQLException;

/**
 * Asked before a connection is taken from a pool, when the resource (and the slot, with its version
 * of the map) is known. It is where a guard refuses, and where a write to a slot that is being
 * moved is fenced off.
 *
 * <pre>{@code
 * BorrowHook fence =
 *     target -> {
 *       if (!target.readOnly() && fenced.contains(target.slot())) {
 *         throw new SQLTransientException("slot " + target.slot() + " is moving; retry shortly");
 *       }
 *     };
 * }</pre>
 *
 * <p>Implementations are safe for use by many threads.
 */
@FunctionalInterface
public interface BorrowHook {

  /**
   * Lets the borrow go on by returning.
   *
   * @param target what is about to be borrowed
   * @throws SQLException to refuse it; nothing has been taken yet, and the caller gets this
   */
  void beforeBorrow(BorrowTarget target) throws SQLException;

  /**
   * This hook, then another.
   *
   * @param next asked if this one let the borrow go on
   * @return both as one
   */
  default BorrowHook andThen(BorrowHook next) {
    return target -> {
      beforeBorrow(target);
      next.beforeBorrow(target);
    };
  }
}
