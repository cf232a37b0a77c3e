package io.headroom.benchmarks.whole;

import io.headroom.benchmarks.reads.ReadAccess;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * Reads of a service that has everything: through the {@link Door}, to the shard of the user, to a
 * replica of it, each pool of which is guarded. Thread-safe.
 */
public final class ShardedReads implements AutoCloseable {
  private final Door door = new Door();
  private final ShardRouter<Long> router;
  private final ShardedDataSource sharded;
  private final List<ReplicaDataSource> clusters = new ArrayList<>();

  /**
   * Sets it up.
   *
   * @param shards of each shard its primary's pool, then those of its replicas
   */
  public ShardedReads(List<List<DataSource>> shards) {
    Map<String, DataSource> named = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      named.put("shard-" + i, replicas("shard-" + i, shards.get(i)));
    }
    router = ShardRouter.forLongs(ShardMap.of(named.keySet()));
    sharded = ShardedDataSource.builder(router).dataSources(named).build();
  }

  private ReplicaDataSource replicas(String shard, List<DataSource> nodes) {
    var builder =
        ReplicaDataSource.builder(shard)
            .primary("primary", door.guard().protect(shard, nodes.get(0)))
            .loadSignal(door.guard().levels());
    for (int i = 1; i < nodes.size(); i++) {
      String name = "replica-" + i;
      builder.replica(name, door.guard().protect(shard + "/" + name, nodes.get(i)));
    }
    ReplicaDataSource cluster = builder.build();
    clusters.add(cluster);
    return cluster;
  }

  /**
   * Which shard has an id.
   *
   * @param id the shard key
   * @return its place among the shards
   */
  public int shardOf(long id) {
    return router.ordinalFor(id);
  }

  /**
   * Reads the balance of an id in a request of its own.
   *
   * @param id of the account
   * @return its balance
   * @throws SQLException if it fails
   */
  public long balance(Long id) throws SQLException {
    return door.request(id, this::read);
  }

  private Long read(Long id) throws SQLException {
    ReadAccess access = () -> sharded.forKey(id).getConnection();
    return access.balance(id);
  }

  @Override
  public void close() {
    sharded.close();
    router.close();
    clusters.forEach(ReplicaDataSource::close);
    door.close();
  }
}
