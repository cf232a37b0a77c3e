package io.headroom.benchmarks.peers;

import java.sql.Connection;
import java.sql.SQLException;

/** A way to the shard of an id. */
public interface ShardAccess extends AutoCloseable {
  /**
   * Borrows a connection on which to read the row of this id.
   *
   * @param id the shard key
   * @return a connection to close after use
   * @throws SQLException if none can be had
   */
  Connection connectionFor(long id) throws SQLException;

  /**
   * Where the contender places an id.
   *
   * @param id the shard key
   * @param shards how many there are, a power of two
   * @return position of the shard: the remainder of the id, unless the contender hashes
   */
  default int shardOf(long id, int shards) {
    return (int) id & (shards - 1);
  }

  @Override
  default void close() throws SQLException {}
}
