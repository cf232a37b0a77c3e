package com.example.market;

import com.example.market.Request.Kind;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.guard.Admission;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.PoolRefusedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The market on one database, whose pool is guarded. */
public final class Stage2Guard implements Market {

  private final ConnectionGuard guard = ConnectionGuard.create();
  private final HikariDataSource pool;
  private final DataSource database;

  public Stage2Guard(String url) {
    pool = Pools.open("market", url);
    database = guard.protect("market", pool);
  }

  @Override
  @SuppressWarnings("try") // the scope is opened for its effect
  public Answer answer(Request request) throws SQLException {
    RequestContext context =
        RequestContext.builder()
            .criticality(request.kind() == Kind.ORDER ? Criticality.CRITICAL : Criticality.STANDARD)
            .cohortOf(request.user())
            .timeout(Duration.ofSeconds(1))
            .build();
    try (RequestContext.Scope scope = context.attach();
        Admission admission = guard.admit()) {
      if (!admission.allowed()) {
        return Answer.unavailable(admission.retryAfter());
      }
      return Answer.of(serve(request));
    } catch (PoolRefusedException refused) {
      return Answer.unavailable(refused.refusal().retryAfter());
    }
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
    guard.close();
    pool.close();
  }
}
