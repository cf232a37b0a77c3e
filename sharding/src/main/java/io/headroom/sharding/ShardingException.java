package io.headroom.sharding;

import io.headroom.HeadroomException;
import java.io.Serial;

/** The root of the unchecked exceptions of shard routing. */
public class ShardingException extends HeadroomException {

  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception without a cause.
   *
   * @param message what happened, to which named instance, and what to do
   */
  public ShardingException(String message) {
    super(message);
  }

  /**
   * Creates an exception with the failure behind it.
   *
   * @param message what happened, to which named instance, and what to do
   * @param cause the failure behind it
   */
  public ShardingException(String message, Throwable cause) {
    super(message, cause);
  }
}
