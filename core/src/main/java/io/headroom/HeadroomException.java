package io.headroom;

import java.io.Serial;

/**
 * The root of every unchecked exception that a Headroom library throws on its own account.
 *
 * <p>A subclass carries what a handler needs as fields (which shard, how long to wait) and says in
 * its message what happened, to which named instance, and what to do about it. JDBC surfaces throw
 * {@link java.sql.SQLException} subclasses instead, since that is what their callers catch; a wrong
 * argument is an {@link IllegalArgumentException}.
 */
public class HeadroomException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception without a cause.
   *
   * @param message what happened, to which named instance, and what to do
   */
  public HeadroomException(String message) {
    super(message);
  }

  /**
   * Creates an exception with the failure behind it.
   *
   * @param message what happened, to which named instance, and what to do
   * @param cause the failure behind it
   */
  public HeadroomException(String message, Throwable cause) {
    super(message, cause);
  }
}
