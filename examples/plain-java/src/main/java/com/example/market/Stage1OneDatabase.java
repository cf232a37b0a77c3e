package com.example.market;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The market on one database, with nothing of Headroom. */
public final class Stage1OneDatabase implements Market {

  private final HikariDataSource database;

  public Stage1OneDatabase(String url) {
    database = Pools.open("market", url);
  }

  @Override
  public Answer answer(Request request) throws SQLException {
    return Answer.of(serve(request));
  }

  private @Nullable Object serve(Request request) throws SQLException {
    return switch (request.kind()) {
      case PAGE -> page(request.stall());
      case ORDER -> order(request.stall(), request.user());
      case ORDERS -> orders(request.stall());
      case NEWEST -> newest();
    };
  }

  private @Nullable Page page(long stall) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return Sql.page(connection, stall);
    }
  }

  private @Nullable Long order(long stall, String buyer) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      Long order = Sql.order(connection, stall, buyer);
      connection.commit();
      return order;
    }
  }

  private List<Order> orders(long stall) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return Sql.orders(connection, stall);
    }
  }

  private List<Order> newest() throws SQLException {
    try (Connection connection = database.getConnection()) {
      return Sql.newest(connection);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
