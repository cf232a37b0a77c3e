package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Whatever is called in whatever order, and wherever the driver or a hook fails: each physical
 * connection is closed once, each binding's hooks are told so once, and no write transaction stays
 * open in the request.
 */
@SuppressWarnings("try") // a context is attached for a block, which need not mention it
class BorrowedOnceProperties {

  private interface Step {
    void on(LazyConnection connection, StubDriver driver) throws Exception;
  }

  private static final List<Step> STEPS =
      List.of(
          (connection, driver) -> connection.setAutoCommit(false),
          (connection, driver) -> connection.setAutoCommit(true),
          (connection, driver) -> connection.setReadOnly(true),
          (connection, driver) -> connection.setReadOnly(false),
          (connection, driver) -> connection.setSchema("shop"),
          (connection, driver) -> connection.getSchema(),
          (connection, driver) -> connection.setSavepoint(),
          (connection, driver) -> connection.createStatement().execute("INSERT"),
          (connection, driver) -> connection.prepareStatement("INSERT").executeUpdate(),
          (connection, driver) -> read(connection),
          (connection, driver) -> connection.getMetaData().getDatabaseProductName(),
          (connection, driver) -> connection.getMetaData().getCatalogs(),
          (connection, driver) -> connection.isWrapperFor(Runnable.class),
          (connection, driver) -> connection.commit(),
          (connection, driver) -> connection.rollback(),
          (connection, driver) -> connection.abort(Runnable::run),
          (connection, driver) -> connection.close());

  private static void read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT 1")) {
      rows.next();
    }
  }

  @Property(tries = 3000)
  void everyBorrowedConnectionIsReturnedOnce(
      @ForAll @Size(min = 1, max = 25) List<@IntRange(max = 16) Integer> steps,
      @ForAll @Size(max = 4) List<@IntRange(max = 60) Integer> failingCalls,
      @ForAll boolean unchecked)
      throws Exception {
    StubDriver driver = new StubDriver();
    List<String> told = new ArrayList<>();
    int[] calls = new int[1];
    StubDriver.Fault fault =
        call -> {
          if (failingCalls.contains(calls[0]++)) {
            if (unchecked) {
              throw new IllegalStateException(call);
            }
            throw new SQLException(call, "XX000");
          }
        };
    driver.fault = fault;
    driver.hooks = hooks(fault, told);
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      LazyConnection connection = driver.open();
      for (int step : steps) {
        attempt(() -> STEPS.get(step).on(connection, driver));
      }
      attempt(connection::close);
      connection.close();
      assertThat(connection.isClosed()).isTrue();
    }
    assertThat(driver.closes).allMatch(closes -> closes == 1);
    assertThat(told).hasSize(driver.taken());
    assertThat(context.inWriteTransaction()).isFalse();
  }

  private static ConnectionHooks hooks(StubDriver.Fault fault, List<String> told) {
    return new ConnectionHooks() {
      @Override
      public void onBound(Connection physical) throws SQLException {
        fault.on("onBound");
      }

      @Override
      public void onFirstStatement(Connection physical) throws SQLException {
        fault.on("onFirstStatement");
      }

      @Override
      public void beforeCommit(Connection physical) throws SQLException {
        fault.on("beforeCommit");
      }

      @Override
      public void afterCommit(Connection physical) {
        throw new IllegalStateException("afterCommit");
      }

      @Override
      public void beforeClose(Connection physical) throws SQLException {
        fault.on("beforeClose");
      }

      @Override
      public void onClose() {
        told.add("closed");
        throw new IllegalStateException("onClose");
      }
    };
  }

  private interface Attempt {
    void run() throws Exception;
  }

  /** Failures were asked for; what they leave behind is the question. */
  private static void attempt(Attempt attempt) {
    try {
      attempt.run();
    } catch (Exception e) {
      assertThat(e).isInstanceOfAny(SQLException.class, IllegalStateException.class);
    }
  }
}
