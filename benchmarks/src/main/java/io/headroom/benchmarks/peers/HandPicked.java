package io.headroom.benchmarks.peers;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** The least that can be done: a pool from an array. */
public final class HandPicked implements ShardAccess {
  private final DataSource[] shards;

  /**
   * Keeps the pools.
   *
   * @param shards a power of two of them
   */
  public HandPicked(List<DataSource> shards) {
    this.shards = shards.toArray(new DataSource[0]);
  }

  @Override
  public Connection connectionFor(long id) throws SQLException {
    return shards[(int) id & (shards.length - 1)].getConnection();
  }
}
