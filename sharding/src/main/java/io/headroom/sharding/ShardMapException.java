package io.headroom.sharding;

import java.io.Serial;

/**
 * A shard map that cannot be used: not parseable, inconsistent, older than the one in force, or not
 * fit for the router's strategy. What was in force before stays in force.
 */
public final class ShardMapException extends ShardingException {

  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception without a cause.
   *
   * @param message what is wrong with which map, and what to do
   */
  public ShardMapException(String message) {
    super(message);
  }

  /**
   * Creates an exception with the failure behind it.
   *
   * @param message what is wrong with which map, and what to do
   * @param cause the failure behind it
   */
  public ShardMapException(String message, Throwable cause) {
    super(message, cause);
  }
}
