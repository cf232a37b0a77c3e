package io.headroom.benchmarks.peers;

import java.sql.Connection;
import java.sql.JDBCType;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** Ours by the standard's own way, as Spring's ShardingKeyDataSourceAdapter takes it. */
public final class HeadroomBuilderAccess extends HeadroomAccess {
  /**
   * Gives each database an id.
   *
   * @param shards the databases
   */
  public HeadroomBuilderAccess(List<DataSource> shards) {
    super(shards);
  }

  @Override
  public Connection connectionFor(long id) throws SQLException {
    return sharded()
        .createConnectionBuilder()
        .shardingKey(sharded().createShardingKeyBuilder().subkey(id, JDBCType.BIGINT).build())
        .build();
  }
}
