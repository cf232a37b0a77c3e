package com.example.market;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;

/**
 * Something that was ordered.
 *
 * @param stall where
 * @param id which of the stall's orders
 * @param buyer who
 * @param placed when
 */
public record Order(long stall, long id, String buyer, Instant placed) {

  static final Comparator<Order> NEWEST_FIRST =
      Comparator.comparing(Order::placed)
          .thenComparing(Order::stall)
          .thenComparing(Order::id)
          .reversed();

  static Order read(ResultSet row) throws SQLException {
    return new Order(
        row.getLong(1), row.getLong(2), row.getString(3), row.getTimestamp(4).toInstant());
  }
}
