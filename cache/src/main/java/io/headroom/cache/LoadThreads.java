package io.headroom.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where loads run that no caller runs: the user's executor, or few threads that come when there is
 * work, and go when there is none. One that fails, for want of memory for a thread or for reasons
 * of its own, is taken for one that has refused. Thread-safe.
 */
final class LoadThreads implements Executor, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);
  private static final int MOST_THREADS = 8;
  private static final int MOST_WAITING = 1_000;
  private static final int IDLE_SECONDS = 10;

  private final String cache;
  private final Executor executor;
  private final Runnable shutdown;
  private volatile boolean closed;
  private volatile boolean failing;

  /**
   * Creates them.
   *
   * @param given the user's; null for threads of our own
   */
  LoadThreads(String cache, @Nullable Executor given) {
    this.cache = cache;
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

  /**
   * Has a task run.
   *
   * @throws RejectedExecutionException if it is not certain that it will be; it may be, all the
   *     same, by an executor that failed after it had taken the task
   */
  @Override
  public void execute(Runnable task) {
    if (closed) {
      throw new RejectedExecutionException("the cache is closed");
    }
    try {
      executor.execute(task);
    } catch (RejectedExecutionException full) {
      throw full;
    } catch (Throwable failure) { // whatever it is, callers wait for the task
      if (!failing) {
        failing = true;
        LOG.warn(
            "cache '{}': its executor failed, so that loads are left out that were to be in the"
                + " background, and callers run the others themselves",
            cache,
            failure);
      }
      throw new RejectedExecutionException("the executor failed", failure);
    }
    if (failing) {
      failing = false;
      LOG.info("cache '{}': its executor takes loads again", cache);
    }
  }

  /** Ends what is ours; loads that are running may finish. */
  @Override
  public void close() {
    closed = true;
    shutdown.run();
  }
}
