package io.headroom.benchmarks.probe;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Some threads that do the same work at once. */
final class Workers implements AutoCloseable {
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getThreadMXBean(); // HotSpot's, which counts bytes too

  private final int count;
  private final ExecutorService threads;
  private final CyclicBarrier start;

  Workers(int count) {
    this.count = count;
    this.threads = Executors.newFixedThreadPool(count);
    this.start = new CyclicBarrier(count);
  }

  /** What each thread does. */
  @FunctionalInterface
  interface Work {
    void run(int worker) throws Exception;
  }

  /**
   * What a thread has used for its work, on average.
   *
   * @param nanos time
   * @param bytes memory that it allocated
   */
  record Spent(double nanos, double bytes) {}

  /** Has all threads do the work, beginning together. */
  Spent run(Work work) throws Exception {
    List<Future<Spent>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int worker = i;
      running.add(threads.submit(() -> measured(worker, work)));
    }
    double nanos = 0;
    double bytes = 0;
    for (Future<Spent> one : running) {
      nanos += one.get().nanos();
      bytes += one.get().bytes();
    }
    return new Spent(nanos / count, bytes / count);
  }

  private Spent measured(int worker, Work work) throws Exception {
    start.await();
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long nanos = System.nanoTime();
    work.run(worker);
    long endNanos = System.nanoTime();
    return new Spent(
        (double) (endNanos - nanos), (double) (THREADS.getCurrentThreadAllocatedBytes() - bytes));
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
