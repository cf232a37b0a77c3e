package io.headroom.sharding;

import java.io.Serial;

/** A store of shard maps that could not be read or written: unreachable, empty, or not set up. */
public final class ShardMapStoreException extends ShardingException {

  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception without a cause.
   *
   * @param message what failed on which store, and what to do
   */
  public ShardMapStoreException(String message) {
    super(message);
  }

  /**
   * Creates an exception with the failure behind it.
   *
   * @param message what failed on which store, and what to do
   * @param cause the failure behind it
   */
  public ShardMapStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
