package io.headroom.examples.quickstart;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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
    Arrivals arrivals = new Arrivals(random, perSecond);
    for (long next = System.nanoTime(); goesOn.getAsBoolean(); next = arrivals.after(next)) {
      Arrivals.await(next);
      long due = next;
      threads.execute(() -> visit.accept(due));
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
