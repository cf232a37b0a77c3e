package snippets;

import static java.util.Comparator.comparing;

import io.headroom.sharding.ShardOutcome;
import io.headroom.sharding.ShardedDataSource;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the README of sharding shows of Scatter, compiled. */
final class ScatterInBrief {

  record Order(long id, Instant placedAt) {
    static Order read(ResultSet row) throws SQLException {
      return new Order(row.getLong("order_id"), row.getTimestamp("placed_at").toInstant());
    }
  }

  @SuppressWarnings("UnusedVariable") // it shows what there is, and uses none of it
  void ask(ShardedDataSource sharded) throws SQLException {
    // snippet: scatter-in-brief
    List<Order> newest =
        sharded
            .scatter()
            .query("SELECT * FROM orders ORDER BY placed_at DESC LIMIT 20", Order::read)
            .ordered(comparing(Order::placedAt).reversed())
            .limit(20)
            .toList();

    long users =
        sharded
            .scatter()
            .query("SELECT count(*) FROM users", row -> row.getLong(1))
            .reduce(0L, Long::sum);
    // end snippet
  }

  List<Order> ordersOf(List<Long> userIds, ShardedDataSource sharded) throws SQLException {
    // snippet: scatter-for-keys
    List<Order> theirs =
        sharded
            .scatter()
            .query("SELECT * FROM orders WHERE user_id = ANY(?)", Order::read)
            .forKeys(userIds)
            .toList();
    // end snippet
    return theirs;
  }

  @SuppressWarnings("UnusedVariable")
  void expire(ShardedDataSource sharded) throws SQLException {
    // snippet: scatter-update
    Map<String, ShardOutcome> outcomes =
        sharded
            .scatter()
            .updateEachShardSeparately("DELETE FROM sessions WHERE expires_at < now()")
            .run(); // nothing is sent before
    // end snippet
  }
}
