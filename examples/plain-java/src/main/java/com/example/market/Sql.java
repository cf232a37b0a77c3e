package com.example.market;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The market's statements. All stages have the same. */
final class Sql {

  /** The newest orders first, of one database. */
  static final String NEWEST =
      "SELECT stall_id, order_id, buyer, placed FROM orders"
          + " ORDER BY placed DESC, stall_id DESC, order_id DESC LIMIT 20";

  private Sql() {}

  static @Nullable Page page(Connection connection, long stall) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT name, stock FROM stall_page WHERE stall_id = ?")) {
      statement.setLong(1, stall);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new Page(stall, row.getString(1), row.getInt(2)) : null;
      }
    }
  }

  /** Orders, if there is something left. */
  static @Nullable Long order(Connection connection, long stall, String buyer) throws SQLException {
    Page page = page(connection, stall);
    return page != null && page.stock() > 0 && take(connection, stall)
        ? insert(connection, stall, buyer)
        : null;
  }

  private static boolean take(Connection connection, long stall) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE stall SET stock = stock - 1 WHERE stall_id = ? AND stock > 0")) {
      statement.setLong(1, stall);
      return statement.executeUpdate() == 1;
    }
  }

  private static long insert(Connection connection, long stall, String buyer) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO orders (stall_id, buyer) VALUES (?, ?) RETURNING order_id")) {
      statement.setLong(1, stall);
      statement.setString(2, buyer);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  static List<Order> orders(Connection connection, long stall) throws SQLException {
    page(connection, stall); // its name stands above them
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT stall_id, order_id, buyer, placed FROM orders"
                + " WHERE stall_id = ? ORDER BY order_id DESC LIMIT 20")) {
      statement.setLong(1, stall);
      return listed(statement);
    }
  }

  static List<Order> newest(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NEWEST)) {
      return listed(statement);
    }
  }

  private static List<Order> listed(PreparedStatement statement) throws SQLException {
    List<Order> orders = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        orders.add(Order.read(rows));
      }
    }
    return orders;
  }
}
