package io.headroom.sharding;

import java.io.Serial;

/** A shard was named that the map, or the data source, does not have. */
public final class UnknownShardException extends ShardingException {

  @Serial private static final long serialVersionUID = 1L;

  /** The id as given. */
  private final String shardId;

  /**
   * Creates the exception.
   *
   * @param shardId the shard that was asked for
   * @param message what does not have it, what it has instead, and what to do
   */
  public UnknownShardException(String shardId, String message) {
    super(message);
    this.shardId = shardId;
  }

  /**
   * Returns the shard that was asked for.
   *
   * @return its id as given
   */
  public String shardId() {
    return shardId;
  }
}
