package io.headroom.examples.quickstart;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Lets visits come when they come, by a Poisson process, however long the others take: many users
 * who each think for a time that is exponentially distributed are that. Each has a thread until it
 * is over. For one thread.
 */
final class OpenLoad implements AutoCloseable {

  private static final Duration LONGEST_VISIT = Duration.ofSeconds(90);

  private final LongConsumer visit;
  private final Random random;
  private final ExecutorService threads = Executors.newCachedThreadPool(OpenLoad::thread);
  private long nextNanos = System.nanoTime();

  /**
   * A load that has not begun.
   *
   * @param visit is given when it was due; does not throw
   */
  OpenLoad(LongConsumer visit, long seed) {
    this.visit = visit;
    this.random = new Random(seed);
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(null, task, "user", 256 * 1024);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Lets them come.
   *
   * @param perSecond how many, on average
   * @param goesOn asked before each
   */
  void come(double perSecond, BooleanSupplier goesOn) {
    double meanNanos = 1e9 / perSecond;
    nextNanos = System.nanoTime();
    while (goesOn.getAsBoolean()) {
      for (long left = nextNanos - System.nanoTime();
          left > 0;
          left = nextNanos - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      long due = nextNanos;
      threads.execute(() -> visit.accept(due));
      nextNanos += (long) (-Math.log(1 - random.nextDouble()) * meanNanos);
    }
  }

  /** Waits for all that have come; false if some go on for too long. */
  boolean awaitAll() throws InterruptedException {
    threads.shutdown();
    return threads.awaitTermination(LONGEST_VISIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
