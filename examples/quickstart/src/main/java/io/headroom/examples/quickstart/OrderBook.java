package io.headroom.examples.quickstart;

import io.headroom.routing.UnknownOutcomeException;
import io.headroom.sharding.Scatter;
import io.headroom.sharding.ShardRouter;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What an application writes: plain JDBC, the one line that says which user it is about, and {@code
 * setReadOnly(true)} where it only reads. Every answer is checked, so that a wrong one counts as an
 * error. A call that meets a dying server is made again, as its {@link Attempts} say.
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

  private final ShardRouter<Long> router;
  private final ShardedDataSource sharded;
  private final ShardedIds ids;
  private final Scatter scatter;
  private final Journal journal;
  private final Attempts attempts;

  /** The order of events; a real application has a timestamp here. */
  private final AtomicLong ticks = new AtomicLong();

  OrderBook(Fleet fleet, Journal journal) throws SQLException {
    this.router = fleet.router();
    this.sharded = fleet.sharded();
    this.journal = journal;
    this.attempts = new Attempts(journal.repeated());
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

  void readUser(long userId) throws SQLException {
    reading(
        userId,
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT email, (SELECT count(*) FROM orders o WHERE o.user_id = u.user_id)"
                      + " FROM users u WHERE user_id = ?")) {
            statement.setLong(1, userId);
            try (ResultSet row = statement.executeQuery()) {
              demand(row.next(), "the user is not on the shard that owns it", userId);
              demand(row.getString(1).equals(email(userId)), "it has another's email", userId);
              demand(row.getLong(2) >= Options.ORDERS_PER_USER, "it has lost orders", userId);
            }
          }
          return true;
        });
  }

  /** Places an order and reads it back, from whatever copy has it. */
  Order placeOrder(long userId) throws SQLException {
    // an id that is taken and not used is no loss, so this may be done again
    long orderId = attempts.call(() -> newOrderId(userId));
    Order order = new Order(userId, orderId, tick());
    write(order);
    journal.acknowledged(router.shardFor(userId).id(), order);
    if (!reading(userId, connection -> isThere(connection, order))) {
      journal.staleRead();
    }
    return order;
  }

  /** Writes an order once, whatever happens: where the outcome is unknown, by looking first. */
  private void write(Order order) throws SQLException {
    AtomicBoolean unknown = new AtomicBoolean();
    attempts.call(
        () -> {
          try (Connection connection = sharded.forKey(order.userId()).getConnection()) {
            if (!unknown.get() || !isThere(connection, order)) {
              insert(connection, order);
            }
            return true;
          } catch (UnknownOutcomeException failure) {
            unknown.set(true);
            throw failure;
          }
        });
  }

  private static void insert(Connection connection, Order order) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO orders VALUES (?, ?, ?, ?)")) {
      statement.setLong(1, order.userId());
      statement.setLong(2, order.orderId());
      statement.setLong(3, order.placed());
      statement.setInt(4, ThreadLocalRandom.current().nextInt(100, 90_000));
      demand(statement.executeUpdate() == 1, "the order was not inserted", order);
    }
  }

  private static boolean isThere(Connection connection, Order order) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT FROM orders WHERE user_id = ? AND order_id = ?")) {
      statement.setLong(1, order.userId());
      statement.setLong(2, order.orderId());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  void readUsers(List<Long> userIds) throws SQLException {
    List<Long> distinct = userIds.stream().distinct().toList();
    List<Long> found =
        attempts.call(
            () ->
                scatter
                    .query(
                        "SELECT user_id FROM users WHERE user_id = ANY (?)", row -> row.getLong(1))
                    .forKeys(distinct)
                    .toList());
    demand(
        new HashSet<>(found).equals(new HashSet<>(distinct)),
        "the group is not complete",
        distinct);
    demand(found.size() == distinct.size(), "a user came twice", found);
  }

  /**
   * Reads the newest orders of all users.
   *
   * @param atLeast when the caller's own newest order was placed, which must not be missed
   */
  void newestOrders(int limit, long atLeast) throws SQLException {
    List<Order> newest =
        attempts.call(
            () ->
                scatter
                    .query(
                        "SELECT user_id, order_id, placed FROM orders"
                            + " ORDER BY placed DESC, order_id DESC LIMIT "
                            + limit,
                        Order::read)
                    .ordered(Order.NEWEST_FIRST)
                    .limit(limit)
                    .toList());
    demand(newest.size() == limit, "too few newest orders", newest.size());
    if (newest.get(0).placed() < atLeast) {
      journal.staleRead();
    }
    for (int i = 1; i < limit; i++) {
      demand(
          Order.NEWEST_FIRST.compare(newest.get(i - 1), newest.get(i)) < 0,
          "the newest orders are out of order, or one came twice",
          newest);
    }
  }

  /** A question to one user's shard. */
  @FunctionalInterface
  private interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  private <T> T reading(long userId, Question<T> question) throws SQLException {
    return attempts.call(
        () -> {
          try (Connection connection = sharded.forKey(userId).getConnection()) {
            connection.setReadOnly(true);
            return question.ask(connection);
          }
        });
  }

  static String email(long userId) {
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
