package io.headroom.routing;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads that probe servers. A data source makes its own unless it is given some; a service
 * with many shards shares one among all of them:
 *
 * <pre>{@code
 * ProbeThreads threads = ProbeThreads.create(16);
 * }</pre>
 *
 * <p>A probe of a server that answers holds a thread for a round trip, so few threads do for many
 * servers. One that hangs holds it until the probe's time-out; servers that did so last time get
 * threads apart, a quarter as many, so that those that answer never wait behind them. A thread that
 * does not come back even then, because its driver waits for ever, is replaced, up to four times
 * the number.
 *
 * <p>Thread-safe. The threads are daemons, and end when they have nothing to do.
 */
public final class ProbeThreads implements AutoCloseable {

  private static final int MOST_THREADS = 1_000;
  private static final long IDLE_SECONDS = 10;

  private final ScheduledThreadPoolExecutor clock;
  private final Lane prompt;
  private final Lane suspect;
  private final ThreadPoolExecutor endings;

  private ProbeThreads(int threads) {
    clock = new ScheduledThreadPoolExecutor(1, daemons("headroom-probe-clock"));
    clock.setRemoveOnCancelPolicy(true);
    clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    clock.allowCoreThreadTimeOut(true);
    prompt = new Lane("headroom-probe", threads);
    suspect = new Lane("headroom-probe-suspect", Math.max(1, threads / 4));
    endings =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            daemons("headroom-probe-end"),
            (task, closed) -> task.run());
    endings.allowCoreThreadTimeOut(true);
  }

  /**
   * Makes threads, of which none runs before it has something to do.
   *
   * @param threads how many probes run at once, from 1 to 1,000
   * @return the threads, to be closed after the data sources that use them
   * @throws IllegalArgumentException if the number is out of range
   */
  public static ProbeThreads create(int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "threads must be 1 to " + MOST_THREADS + ", was " + threads);
    }
    return new ProbeThreads(threads);
  }

  /**
   * Ends all threads. Data sources that still use them would learn nothing new from then on, so
   * they give no connections any more: close them first.
   */
  @Override
  public void close() {
    clock.shutdownNow();
    prompt.threads.shutdownNow();
    suspect.threads.shutdownNow();
    endings.shutdown();
  }

  boolean isClosed() {
    return clock.isShutdown();
  }

  Lane lane(boolean isSuspect) {
    return isSuspect ? suspect : prompt;
  }

  /**
   * Where probes are given up and connections closed: that takes a while, and waits for no probe.
   */
  Executor endings() {
    return endings;
  }

  /** Runs something quick later; null once closed. */
  @Nullable Future<?> after(long nanos, Runnable quick) {
    try {
      return clock.schedule(quick, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      return null;
    }
  }

  /** Threads that do not wait for those of another lane. */
  static final class Lane {

    private static final int MOST_REPLACED = 3;

    private final int size;
    private final ThreadPoolExecutor threads;
    private int lost;

    private Lane(String name, int size) {
      this.size = size;
      threads =
          new ThreadPoolExecutor(
              size,
              size,
              IDLE_SECONDS,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              daemons(name));
      threads.allowCoreThreadTimeOut(true);
    }

    /** Runs a probe as soon as there is a thread; false once closed. */
    boolean run(Runnable probe) {
      try {
        threads.execute(probe);
        return true;
      } catch (RejectedExecutionException closed) {
        return false;
      }
    }

    /** A probe has not come back in time: another thread for the others. */
    synchronized void lost() {
      lost++;
      resize();
    }

    /** It has come back. */
    synchronized void found() {
      lost--;
      resize();
    }

    private void resize() {
      int wanted = size + Math.min(lost, MOST_REPLACED * size);
      if (wanted > threads.getMaximumPoolSize()) {
        threads.setMaximumPoolSize(wanted);
        threads.setCorePoolSize(wanted);
      } else {
        threads.setCorePoolSize(wanted);
        threads.setMaximumPoolSize(wanted);
      }
    }
  }

  private static ThreadFactory daemons(String prefix) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
