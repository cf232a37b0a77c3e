package io.headroom.examples.quickstart.service;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;

/**
 * An order, as lists show it.
 *
 * @param userId whose
 * @param orderId lies in the user's slot: it alone says later which shard the order is on
 * @param placed its place in the order of events; a real application has a timestamp here
 */
public record Order(long userId, long orderId, long placed) {

  /** How lists have it. */
  public static final Comparator<Order> NEWEST_FIRST =
      Comparator.comparingLong(Order::placed).thenComparingLong(Order::orderId).reversed();

  static Order read(ResultSet row) throws SQLException {
    return new Order(row.getLong(1), row.getLong(2), row.getLong(3));
  }
}
