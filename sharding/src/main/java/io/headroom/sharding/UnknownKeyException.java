package io.headroom.sharding;

import java.io.Serial;

/**
 * A key that no shard owns: outside every range, of an unknown region, or without a pin in a
 * directory.
 *
 * <p>There is no default shard that such a key could fall to. The message shows the key, for the
 * caller's logs; it is never used as a metric's tag.
 */
public final class UnknownKeyException extends ShardingException {

  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the key, why no shard owns it, and what to do
   */
  public UnknownKeyException(String message) {
    super(message);
  }
}
