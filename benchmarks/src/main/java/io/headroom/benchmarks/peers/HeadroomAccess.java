package io.headroom.benchmarks.peers;

import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** Ours, as its README sets it up: a router over the shards' ids, and {@code forKey}. */
public class HeadroomAccess implements ShardAccess {
  private final ShardRouter<Long> router;
  private final ShardedDataSource sharded;

  /**
   * Gives each database an id.
   *
   * @param shards the databases
   */
  public HeadroomAccess(List<DataSource> shards) {
    Map<String, DataSource> named = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      named.put("shard-" + i, shards.get(i));
    }
    router = ShardRouter.forLongs(ShardMap.of(named.keySet()));
    sharded = ShardedDataSource.builder(router).dataSources(named).build();
  }

  /**
   * The sharded data source.
   *
   * @return what connections are taken from
   */
  protected final ShardedDataSource sharded() {
    return sharded;
  }

  @Override
  public Connection connectionFor(long id) throws SQLException {
    return sharded.forKey(id).getConnection();
  }

  @Override
  public final int shardOf(long id, int shards) {
    return router.ordinalFor(id);
  }

  @Override
  public final void close() {
    sharded.close();
    router.close();
  }
}
