package io.headroom.guard;

import java.io.Serial;
import java.sql.SQLTransientConnectionException;

/**
 * A guarded pool gave no connection, since it is under load. Nothing was sent to the database. Its
 * SQLSTATE is 53000 (insufficient resources), and it speaks against no server. Java serialization
 * keeps only the message.
 */
public final class PoolRefusedException extends SQLTransientConnectionException {

  /** The SQLSTATE: insufficient resources, of no kind that a server reports. */
  public static final String SQL_STATE = "53000";

  @Serial private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  PoolRefusedException(Refusal refusal) {
    super(refusal.message(), SQL_STATE);
    this.refusal = refusal;
  }

  /**
   * Returns why.
   *
   * @return the figures that decided it
   */
  public Refusal refusal() {
    return refusal;
  }
}
