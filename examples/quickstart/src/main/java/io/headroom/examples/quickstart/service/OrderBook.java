package io.headroom.examples.quickstart.service;

import io.headroom.sharding.Scatter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.sharding.ShardedIds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What an application writes: plain JDBC, the one line that says which user it is about, and {@code
 * setReadOnly(true)} where it only reads. Thread-safe.
 */
final class OrderBook implements AutoCloseable {

  private static final int SHOWN = 5;
  private static final int NEWEST = 20;

  private final ShardedDataSource sharded;
  private final ShardedIds ids;
  private final Scatter scatter;
  private final Attempts attempts;

  OrderBook(ShardedDataSource sharded, Attempts attempts) {
    this.sharded = sharded;
    this.attempts = attempts;
    this.ids = ShardedIds.of(sharded);
    this.scatter = Scatter.builder(sharded).timeout(Duration.ofSeconds(5)).build();
  }

  Optional<User> user(long userId) throws SQLException {
    return reading(
        userId,
        """
        SELECT user_id, email, (SELECT count(*) FROM orders o WHERE o.user_id = u.user_id)
        FROM users u WHERE user_id = ?
        """,
        row -> {
          return row.next()
              ? Optional.of(new User(row.getLong(1), row.getString(2), row.getLong(3)))
              : Optional.empty();
        });
  }

  /** The newest orders of a user. */
  List<Order> ordersOf(long userId) throws SQLException {
    return reading(
        userId,
        """
        SELECT user_id, order_id, placed FROM orders WHERE user_id = ?
        ORDER BY placed DESC LIMIT
        """
            + SHOWN,
        row -> {
          List<Order> orders = new ArrayList<>();
          while (row.next()) {
            orders.add(Order.read(row));
          }
          return orders;
        });
  }

  /**
   * Places an order, once, however often it is told so: by this method, which tries again when it
   * does not know what came of it, or by a client that was told to come back.
   *
   * @param placed the client's key for it
   */
  Order place(long userId, long placed) throws SQLException {
    // an id that is taken and not used is no loss
    long orderId = attempts.call(() -> ids.nextIdFor(userId));
    return attempts.call(
        () -> {
          try (Connection connection = sharded.forKey(userId).getConnection();
              PreparedStatement statement =
                  connection.prepareStatement(
                      """
                      INSERT INTO orders (user_id, order_id, placed, cents) VALUES (?, ?, ?, ?)
                      ON CONFLICT (user_id, placed) DO UPDATE SET placed = EXCLUDED.placed
                      RETURNING user_id, order_id, placed
                      """)) {
            statement.setLong(1, userId);
            statement.setLong(2, orderId);
            statement.setLong(3, placed);
            statement.setInt(4, ThreadLocalRandom.current().nextInt(100, 90_000));
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return Order.read(row);
            }
          }
        });
  }

  /** The newest orders of all users, from all shards. */
  List<Order> newest() throws SQLException {
    return attempts.call(
        () ->
            scatter
                .query(
                    "SELECT user_id, order_id, placed FROM orders"
                        + " ORDER BY placed DESC, order_id DESC LIMIT "
                        + NEWEST,
                    Order::read)
                .ordered(Order.NEWEST_FIRST)
                .limit(NEWEST)
                .toList());
  }

  @FunctionalInterface
  private interface Rows<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private <T> T reading(long userId, String sql, Rows<T> rows) throws SQLException {
    return attempts.call(
        () -> {
          try (Connection connection = sharded.forKey(userId).getConnection()) {
            connection.setReadOnly(true);
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
              statement.setLong(1, userId);
              try (ResultSet found = statement.executeQuery()) {
                return rows.read(found);
              }
            }
          }
        });
  }

  @Override
  public void close() {
    scatter.close();
  }
}
