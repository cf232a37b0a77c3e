package com.example.market.growth;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Requests that ended by an error. Thread-safe. */
final class Failures {

  private final LongAdder poolTimeouts = new LongAdder();
  private final LongAdder others = new LongAdder();
  private final LongAdder strange = new LongAdder();
  private final AtomicReference<@Nullable Throwable> firstTimeout = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> firstOther = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> firstStrange = new AtomicReference<>();

  void add(Throwable failure) {
    boolean timeout = isPoolTimeout(failure);
    (timeout ? poolTimeouts : others).increment();
    (timeout ? firstTimeout : firstOther).compareAndSet(null, failure);
    if (!timeout && !isOfALostServer(failure)) {
      strange.increment();
      firstStrange.compareAndSet(null, failure);
    }
  }

  /**
   * HikariCP's word that all connections were in use for as long as one may wait. With a SQLSTATE,
   * or a cause, it is that of a server it could not connect to.
   */
  private static boolean isPoolTimeout(Throwable failure) {
    return failure instanceof SQLTransientConnectionException timeout
        && timeout.getSQLState() == null
        && timeout.getCause() == null;
  }

  /**
   * A connection that broke or could not be made, a transaction whose primary is none any more, or
   * one that was held by such a server until its time was up.
   */
  private static boolean isOfALostServer(@Nullable Throwable failure) {
    if (failure instanceof SQLTransactionRollbackException) {
      return true;
    }
    if (failure instanceof SQLTimeoutException) {
      return isOfALostServer(failure.getCause());
    }
    String state = failure instanceof SQLException sql ? sql.getSQLState() : null;
    return state != null && (state.startsWith("08") || state.startsWith("57P"));
  }

  long all() {
    return poolTimeouts.sum() + others.sum();
  }

  /** Those that a full pool does not explain. */
  long others() {
    return others.sum();
  }

  /** Those among the others that not even a server which dies explains. */
  long strange() {
    return strange.sum();
  }

  /** How many, and the first of those that are explained least. */
  @Override
  public String toString() {
    Throwable other = firstStrange.get() == null ? firstOther.get() : firstStrange.get();
    Throwable first = other == null ? firstTimeout.get() : other;
    if (first == null) {
      return "none failed";
    }
    return all()
        + " failed, "
        + poolTimeouts.sum()
        + " of them since all connections were in use; first "
        + (other == null ? "" : "of the others ")
        + described(first);
  }

  private static String described(Throwable failure) {
    String state = failure instanceof SQLException sql ? " (" + sql.getSQLState() + ")" : "";
    return failure + state;
  }
}
