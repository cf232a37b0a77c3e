package snippets;

import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** What the README shows first, compiled. */
abstract class FirstScreen {

  abstract List<String> ordersOf(long userId, Connection connection) throws SQLException;

  List<String> orders(Map<String, DataSource> pools, long userId) throws SQLException {
    // snippet: first-screen
    ShardMap map = ShardMap.of("shard-0", "shard-1", "shard-2", "shard-3");
    ShardRouter<Long> router = ShardRouter.forLongs(map);
    ShardedDataSource sharded = ShardedDataSource.builder(router).dataSources(pools).build();

    try (Connection connection = sharded.forKey(userId).getConnection()) {
      return ordersOf(userId, connection); // your JDBC, jOOQ or JdbcTemplate code, as it is
    }
    // end snippet
  }
}
