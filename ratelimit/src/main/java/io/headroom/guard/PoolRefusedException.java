package io.headroom.guard;

import io.headroom.RetryLater;
import java.io.Serial;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

/**
 * A guarded pool gave no connection, since it is under load. Nothing was sent to the database. Its
 * SQLSTATE is 53000 (insufficient resources), and it speaks against no server. Java serialization
 * keeps only the message, and when to come back.
 */
public final class PoolRefusedException extends SQLTransientConnectionException
    implements RetryLater {

  /** The SQLSTATE: insufficient resources, of no kind that a server reports. */
  public static final String SQL_STATE = "53000";

  @Serial private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** When to come back. */
  private final Duration retryAfter;

  PoolRefusedException(Refusal refusal) {
    super(refusal.message(), SQL_STATE);
    this.refusal = refusal;
    this.retryAfter = refusal.retryAfter();
  }

  /**
   * Returns why.
   *
   * @return the figures that decided it
   */
  public Refusal refusal() {
    return refusal;
  }

  /**
   * Returns when to come back.
   *
   * @return that of {@link #refusal}
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}
