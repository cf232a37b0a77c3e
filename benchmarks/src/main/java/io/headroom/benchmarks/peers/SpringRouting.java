package io.headroom.benchmarks.peers;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** Spring's routing data source with the shard's number in a thread local, as its guides show. */
public final class SpringRouting implements ShardAccess {
  private final ThreadLocal<Integer> current = new ThreadLocal<>();
  private final AbstractRoutingDataSource routing;
  private final int mask;

  /**
   * Registers the pools by their position.
   *
   * @param shards a power of two of them
   */
  public SpringRouting(List<DataSource> shards) {
    mask = shards.size() - 1;
    Map<Object, Object> targets = new HashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      targets.put(i, shards.get(i));
    }
    routing =
        new AbstractRoutingDataSource() {
          @Override
          protected @Nullable Object determineCurrentLookupKey() {
            return current.get();
          }
        };
    routing.setTargetDataSources(targets);
    routing.setLenientFallback(false);
    routing.afterPropertiesSet();
  }

  @Override
  public Connection connectionFor(long id) throws SQLException {
    current.set((int) id & mask);
    try {
      return routing.getConnection();
    } finally {
      current.remove();
    }
  }
}
