package io.headroom.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where loads run that no caller runs: the user's executor, or few threads that come when there is
 * work, and go when there is none. Thread-safe.
 */
final class LoadThreads implements Executor, AutoCloseable {

  private static final int MOST_THREADS = 8;
  private static final int MOST_WAITING = 1_000;
  private static final int IDLE_SECONDS = 10;

  private final Executor executor;
  private final Runnable shutdown;
  private volatile boolean closed;

  /**
   * Creates them.
   *
   * @param given the user's; null for threads of our own
   */
  LoadThreads(String cache, @Nullable Executor given) {
    if (given == null) {
      ThreadPoolExecutor own = threads(cache);
      this.executor = own;
      this.shutdown = own::shutdown;
    } else {
      this.executor = given;
      this.shutdown = () -> {};
    }
  }

  private static ThreadPoolExecutor threads(String cache) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            MOST_THREADS,
            MOST_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "cache-" + cache + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  @Override
  public void execute(Runnable task) {
    if (closed) {
      throw new RejectedExecutionException("the cache is closed");
    }
    executor.execute(task);
  }

  /** Ends what is ours; loads that are running may finish. */
  @Override
  public void close() {
    closed = true;
    shutdown.run();
  }
}
