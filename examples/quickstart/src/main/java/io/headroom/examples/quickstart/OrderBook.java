package io.headroom.examples.quickstart;

import io.headroom.sharding.Scatter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.sharding.ShardedIds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What an application writes: plain JDBC, and the one line that says which user it is about. Every
 * answer is checked, so that a wrong one counts as an error.
 */
final class OrderBook implements AutoCloseable {

  /** An order as the newest-first list shows it. */
  record Order(long userId, long orderId, long placed) {

    static final Comparator<Order> NEWEST_FIRST =
        Comparator.comparingLong(Order::placed).thenComparingLong(Order::orderId).reversed();

    static Order read(ResultSet row) throws SQLException {
      return new Order(row.getLong(1), row.getLong(2), row.getLong(3));
    }
  }

  private final ShardedDataSource sharded;
  private final ShardedIds ids;
  private final Scatter scatter;
  private final LongAdder acknowledged = new LongAdder();

  /** The order of events; a real application has a timestamp here. */
  private final AtomicLong ticks = new AtomicLong();

  /** The newest order that was acknowledged: whoever asks afterwards must not miss it. */
  private final AtomicLong newestAcknowledged = new AtomicLong();

  OrderBook(Fleet fleet) throws SQLException {
    this.sharded = fleet.sharded();
    this.ids = ShardedIds.of(sharded);
    this.ids.createOnEveryShard();
    this.scatter = Scatter.builder(sharded).timeout(Duration.ofSeconds(5)).build();
  }

  /** An order id in the user's slot: the id alone says later which shard the order is on. */
  long newOrderId(long userId) throws SQLException {
    return ids.nextIdFor(userId);
  }

  long tick() {
    return ticks.incrementAndGet();
  }

  /** How many orders were placed by {@link #placeOrder} and acknowledged. */
  long acknowledged() {
    return acknowledged.sum();
  }

  void readUser(long userId) throws SQLException {
    try (Connection connection = sharded.forKey(userId).getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT email, (SELECT count(*) FROM orders o WHERE o.user_id = u.user_id)"
                    + " FROM users u WHERE user_id = ?")) {
      statement.setLong(1, userId);
      try (ResultSet row = statement.executeQuery()) {
        demand(row.next(), "the user is not on the shard that owns it", userId);
        demand(row.getString(1).equals(email(userId)), "the user has another's email", userId);
        demand(row.getLong(2) >= Options.ORDERS_PER_USER, "the user has lost orders", userId);
      }
    }
  }

  void placeOrder(long userId) throws SQLException {
    long orderId = newOrderId(userId);
    long placed = tick();
    try (Connection connection = sharded.forKey(userId).getConnection();
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO orders VALUES (?, ?, ?, ?)")) {
      statement.setLong(1, userId);
      statement.setLong(2, orderId);
      statement.setLong(3, placed);
      statement.setInt(4, ThreadLocalRandom.current().nextInt(100, 90_000));
      demand(statement.executeUpdate() == 1, "the order was not inserted", orderId);
    }
    acknowledged.increment();
    newestAcknowledged.accumulateAndGet(placed, Math::max);
  }

  void readUsers(List<Long> userIds) throws SQLException {
    List<Long> distinct = userIds.stream().distinct().toList();
    List<Long> found =
        scatter
            .query("SELECT user_id FROM users WHERE user_id = ANY (?)", row -> row.getLong(1))
            .forKeys(distinct)
            .toList();
    demand(
        new HashSet<>(found).equals(new HashSet<>(distinct)),
        "the group is not complete",
        distinct);
    demand(found.size() == distinct.size(), "a user came twice", found);
  }

  void newestOrders(int limit) throws SQLException {
    long atLeast = newestAcknowledged.get();
    List<Order> newest =
        scatter
            .query(
                "SELECT user_id, order_id, placed FROM orders ORDER BY placed DESC, order_id DESC"
                    + " LIMIT "
                    + limit,
                Order::read)
            .ordered(Order.NEWEST_FIRST)
            .limit(limit)
            .toList();
    demand(newest.size() == limit, "too few newest orders", newest.size());
    demand(newest.get(0).placed() >= atLeast, "the newest order is not there", newest.get(0));
    for (int i = 1; i < limit; i++) {
      demand(
          Order.NEWEST_FIRST.compare(newest.get(i - 1), newest.get(i)) < 0,
          "the newest orders are out of order, or one came twice",
          newest);
    }
  }

  private static String email(long userId) {
    return "user-" + userId + "@example.org";
  }

  private static void demand(boolean holds, String otherwise, Object about) {
    if (!holds) {
      throw new IllegalStateException("wrong answer: " + otherwise + ": " + about);
    }
  }

  @Override
  public void close() {
    scatter.close();
  }
}
