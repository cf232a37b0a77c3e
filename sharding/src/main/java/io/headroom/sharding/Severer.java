package io.headroom.sharding;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts running statements off, so that nobody has to wait for them.
 *
 * <p>A cancel is a message on a connection of its own: the server may act on it late, when the
 * statement it was meant for is done, and would then end whatever runs on that connection next. So
 * the connection is aborted after it, and its pool gives it to nobody. A server that hangs does not
 * answer the cancel either, so the abort waits for it only so long. Two threads for a statement
 * that is being cut off, none when there is none.
 */
final class Severer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Scatter.class);

  /** What a cancel takes on a server that is well, with room to spare. */
  private static final long GRACE_MILLIS = 250;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE, // bounded by the statements in flight, and so by the scatters' threads
          5,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new DaemonThreads("headroom-scatter-cut"));

  /** Cancels and aborts without waiting; the latch opens when the connection is dead. */
  void sever(@Nullable Statement statement, Connection connection, CountDownLatch severed) {
    CountDownLatch cancelled = new CountDownLatch(1);
    try {
      if (statement == null) {
        cancelled.countDown();
      } else {
        threads.execute(() -> cancel(statement, cancelled));
      }
      threads.execute(() -> abort(connection, cancelled, severed));
    } catch (RejectedExecutionException closing) {
      abort(connection, new CountDownLatch(0), severed);
    }
  }

  private static void cancel(Statement statement, CountDownLatch cancelled) {
    try {
      statement.cancel();
    } catch (SQLException | RuntimeException e) {
      LOG.debug("a statement could not be cancelled; its connection is aborted all the same", e);
    } finally {
      cancelled.countDown();
    }
  }

  private static void abort(
      Connection connection, CountDownLatch cancelled, CountDownLatch severed) {
    try {
      if (!cancelled.await(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.debug("a cancel was not answered in {} ms", GRACE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      connection.abort(Runnable::run);
    } catch (SQLException | RuntimeException e) {
      LOG.warn("the connection of a statement that was cut off could not be aborted", e);
    } finally {
      severed.countDown();
    }
  }

  /** Lets what is being cut off finish. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
