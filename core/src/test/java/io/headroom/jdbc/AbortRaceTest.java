package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An abort from another thread, at any moment of binding and closing. */
class AbortRaceTest {

  private static final int ROUNDS = 4_000;

  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() {
    other.shutdownNow();
  }

  /**
   * Notes an abort of a connection that was given back, which may be another borrower's by then.
   */
  private static final class Physical {
    final AtomicInteger closes = new AtomicInteger();
    final AtomicInteger lateAborts = new AtomicInteger();

    Connection connection() {
      return StubDriver.stub(
          Connection.class,
          (proxy, method, arguments) -> {
            if (method.getName().equals("close")) {
              closes.incrementAndGet();
            } else if (method.getName().equals("abort") && closes.get() > 0) {
              lateAborts.incrementAndGet();
            }
            return method.getReturnType() == boolean.class ? (Object) true : null;
          });
    }
  }

  @Test
  void thePhysicalConnectionIsClosedOnceAndNeverAbortedAfterwards() throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    for (int round = 0; round < ROUNDS; round++) {
      Physical physical = new Physical();
      boolean boundBefore = round % 2 == 0;
      LazyConnection connection =
          LazyConnection.open(
              request -> new Binding(physical.connection(), ConnectionHooks.none()));
      if (boundBefore) {
        connection.bound();
      }
      Future<?> abort = other.submit(() -> abort(connection, start));
      start.await(10, TimeUnit.SECONDS);
      if (!boundBefore) {
        bind(connection);
      }
      connection.close();
      abort.get(10, TimeUnit.SECONDS);
      connection.close();
      assertThat(physical.closes.get()).isLessThanOrEqualTo(1);
      assertThat(physical.closes.get()).isGreaterThanOrEqualTo(boundBefore ? 1 : 0);
      assertThat(physical.lateAborts.get()).isZero();
    }
  }

  private static Void abort(LazyConnection connection, CyclicBarrier start)
      throws SQLException, InterruptedException, BrokenBarrierException {
    start.await();
    connection.abort(Runnable::run);
    return null;
  }

  private static void bind(LazyConnection connection) {
    try {
      connection.bound();
    } catch (SQLException aborted) {
      assertThat(aborted.getSQLState()).isEqualTo("08003");
    }
  }
}
