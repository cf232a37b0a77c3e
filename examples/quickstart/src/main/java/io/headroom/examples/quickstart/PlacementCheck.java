package io.headroom.examples.quickstart;

import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Asks every shard, whichever server is its primary now, in SQL and not through Headroom's own
 * hash, what it holds and which of its rows belong elsewhere.
 */
final class PlacementCheck {

  /**
   * What one shard holds.
   *
   * @param shard the shard's id
   * @param server who its primary is now
   * @param slots how many slots it owns
   * @param users rows in users
   * @param orders rows in orders
   * @param misplaced rows of either whose slot another shard owns
   */
  record Holdings(
      String shard, String server, int slots, long users, long orders, long misplaced) {}

  private static final String LOST =
      """
      SELECT count(*) FROM unnest(?, ?) AS acknowledged (user_id, order_id)
      WHERE NOT EXISTS (
        SELECT FROM orders o
        WHERE o.user_id = acknowledged.user_id AND o.order_id = acknowledged.order_id)
      """;

  private final Fleet fleet;

  PlacementCheck(Fleet fleet) {
    this.fleet = fleet;
  }

  List<Holdings> run() throws SQLException {
    ShardMap map = fleet.router().map();
    List<Holdings> found = new ArrayList<>();
    for (Shard shard : map.shards()) {
      Integer[] owned =
          IntStream.range(0, map.slotCount())
              .filter(slot -> map.ownerOf(slot).equals(shard))
              .boxed()
              .toArray(Integer[]::new);
      try (Connection connection = fleet.sharded().forShard(shard.id()).getConnection()) {
        long misplaced =
            misplaced(connection, "users", owned) + misplaced(connection, "orders", owned);
        found.add(
            new Holdings(
                shard.id(),
                fleet.primaryOf(shard.id()),
                owned.length,
                count(connection, "SELECT count(*) FROM users"),
                count(connection, "SELECT count(*) FROM orders"),
                misplaced));
      }
    }
    return found;
  }

  /** How many of the orders that a shard has acknowledged it does not hold. */
  long lost(String shard, List<Journal.Acknowledged> acknowledged) throws SQLException {
    try (Connection connection = fleet.sharded().forShard(shard).getConnection();
        PreparedStatement statement = connection.prepareStatement(LOST)) {
      statement.setArray(
          1,
          connection.createArrayOf(
              "bigint", acknowledged.stream().map(Journal.Acknowledged::userId).toArray()));
      statement.setArray(
          2,
          connection.createArrayOf(
              "bigint", acknowledged.stream().map(Journal.Acknowledged::orderId).toArray()));
      return single(statement);
    }
  }

  /** The expression that a person would type in psql; the quickstart prints it. */
  static String misplacedSql(String table) {
    return "SELECT count(*) FROM %s WHERE (hashint8extended(user_id, 0) & 16383) <> ALL (?)"
        .formatted(table);
  }

  private static long misplaced(Connection connection, String table, Integer[] owned)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(misplacedSql(table))) {
      statement.setArray(1, connection.createArrayOf("bigint", owned));
      return single(statement);
    }
  }

  private static long count(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      return single(statement);
    }
  }

  private static long single(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
