package com.example.market.growth;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Requests that ended by an error. Thread-safe. */
final class Failures {

  private final LongAdder poolTimeouts = new LongAdder();
  private final LongAdder others = new LongAdder();
  private final AtomicReference<@Nullable Throwable> firstTimeout = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> firstOther = new AtomicReference<>();

  void add(Throwable failure) {
    boolean timeout = isPoolTimeout(failure);
    (timeout ? poolTimeouts : others).increment();
    (timeout ? firstTimeout : firstOther).compareAndSet(null, failure);
  }

  /**
   * HikariCP's word that all connections were in use for as long as one may wait. With a SQLSTATE
   * it is that of a server it could not connect to.
   */
  private static boolean isPoolTimeout(Throwable failure) {
    return failure instanceof SQLTransientConnectionException timeout
        && timeout.getSQLState() == null;
  }

  long all() {
    return poolTimeouts.sum() + others.sum();
  }

  /** Those that a full pool does not explain. */
  long others() {
    return others.sum();
  }

  /** How many, and the first of them; if it is not a full pool's alone, the first of the others. */
  @Override
  public String toString() {
    Throwable first = firstOther.get() == null ? firstTimeout.get() : firstOther.get();
    if (first == null) {
      return "none failed";
    }
    return all()
        + " failed, "
        + poolTimeouts.sum()
        + " of them since all connections were in use; first "
        + (first == firstTimeout.get() ? "" : "of the others ")
        + described(first);
  }

  private static String described(Throwable failure) {
    String state = failure instanceof SQLException sql ? " (" + sql.getSQLState() + ")" : "";
    return failure + state;
  }
}
