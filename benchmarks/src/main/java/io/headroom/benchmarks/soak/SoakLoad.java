package io.headroom.benchmarks.soak;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * The requests: reads from the cache, reads from replicas, writes that are read back from both, and
 * questions to all shards. First as many as the service can do, to know how many that is; then an
 * open loop by a Poisson process, whose requests come whether or not the others have been answered.
 */
final class SoakLoad implements AutoCloseable {
  private static final int THREADS = 64;
  private static final int STEPS = 8;
  private static final int ASKERS_MORE = 4;
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** What is answered later than this has failed: its user has gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final SoakService service;
  private final Tally tally;
  private final Acknowledged acknowledged;
  private final Recorder latencies = new Recorder(LONGEST_NANOS, 2);
  private final AtomicInteger longestQueue = new AtomicInteger();
  private final ThreadPoolExecutor threads;

  SoakLoad(SoakService service, Tally tally, Acknowledged acknowledged) {
    this.service = service;
    this.tally = tally;
    this.acknowledged = acknowledged;
    AtomicInteger count = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "request-" + count.incrementAndGet());
              thread.setDaemon(true); // one that hangs must not keep the verdict back
              return thread;
            });
  }

  /**
   * What came in one step of the search for the capacity.
   *
   * @param askers threads that asked one after the other
   * @param perSecond how many were answered
   * @param failed their part that was not, from 0 to 1
   */
  record Step(int askers, double perSecond, double failed) {}

  /** Has so many threads ask one after the other, for that time. */
  Step ask(int askers, Duration length) {
    List<String> told = new CopyOnWriteArrayList<>();
    Tally asked = new Tally(new FaultWindows(), told::add);
    long start = System.nanoTime();
    CompletableFuture<?>[] loops = new CompletableFuture<?>[askers];
    for (int i = 0; i < askers; i++) {
      loops[i] =
          CompletableFuture.runAsync(
              () -> {
                while (System.nanoTime() - start < length.toNanos()) {
                  one(asked, System.nanoTime());
                }
              },
              threads);
    }
    CompletableFuture.allOf(loops).join();
    if (asked.bugs() > 0) {
      told.removeIf(what -> !what.startsWith(Tally.BUG));
      throw new IllegalStateException(asked.bugs() + " failures that no load explains: " + told);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double all = Math.max(1, asked.arrivals());
    return new Step(askers, asked.answers() / seconds, 1 - asked.answers() / all);
  }

  /**
   * Asks with more and more threads.
   *
   * @param length of each step
   * @return the steps
   */
  Step[] search(Duration length) {
    Step[] steps = new Step[STEPS];
    for (int i = 0; i < STEPS; i++) {
      steps[i] = ask((i + 1) * ASKERS_MORE, length);
    }
    return steps;
  }

  /**
   * What the service can do, in requests a second: the most of the steps in which one in a hundred
   * was refused at most. (Of those refused at once there could be any number.)
   */
  static double capacity(Step... steps) {
    return Arrays.stream(steps)
        .filter(step -> step.failed() <= 0.01)
        .mapToDouble(Step::perSecond)
        .max()
        .orElse(0);
  }

  /** Lets so many come a second, until then. */
  void run(double perSecond, long untilNanos) {
    double meanNanos = 1e9 / perSecond;
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long start = System.nanoTime();
    double sinceStart = 0;
    while (true) {
      sinceStart -= meanNanos * Math.log(1 - random.nextDouble());
      long due = start + (long) sinceStart;
      if (due - untilNanos >= 0) {
        return;
      }
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      threads.execute(() -> one(tally, due));
      longestQueue.accumulateAndGet(threads.getQueue().size(), Math::max);
    }
  }

  private void one(Tally counted, long dueNanos) {
    counted.arrived();
    try {
      long left = PATIENCE.toNanos() - (System.nanoTime() - dueNanos);
      if (left <= 0) {
        throw new SQLException("was not begun in time");
      }
      long account = account();
      service.request(account, Duration.ofNanos(left), () -> work(account));
      long took = System.nanoTime() - dueNanos;
      latencies.recordValue(Math.min(LONGEST_NANOS, Math.max(0, took)));
      if (took > PATIENCE.toNanos()) {
        throw new SQLException("was answered after " + took / 1_000_000 + " ms");
      }
      counted.answered();
    } catch (SQLException | RuntimeException | Error failure) { // no thread dies unnoticed
      counted.failed(dueNanos, System.nanoTime(), failure);
    }
  }

  /** What is written and read is judged in the search for the capacity too. */
  private void work(long account) throws SQLException {
    int draw = ThreadLocalRandom.current().nextInt(100);
    long before = acknowledged.greatest(account);
    if (draw < 55) {
      // anyone in the process that has invalidated it
      tally.shown("the cache", account, service.cachedVersion(account), before);
    } else if (draw < 80) {
      service.readVersion(account); // without a token a replica may lag
    } else if (draw < 98) {
      long version = service.write(account);
      tally.committed(account, version, before);
      acknowledged.add(account, version);
      tally.shown("the cache, after a write", account, service.cachedVersion(account), version);
      tally.shown("a replica, after a write", account, service.readVersion(account), version);
    } else {
      service.greatest(3);
    }
  }

  /** Some are asked for far more often than others. */
  private static long account() {
    double uniform = ThreadLocalRandom.current().nextDouble();
    return (long) (SoakService.ACCOUNTS * uniform * uniform * uniform);
  }

  /** Latencies since this was asked last, in nanoseconds, from when a request was due. */
  Histogram latencies() {
    return latencies.getIntervalHistogram();
  }

  /** How many waited for a thread at most. */
  int longestQueue() {
    return longestQueue.get();
  }

  /** Returns when those that came have been answered. */
  void await() throws InterruptedException, TimeoutException {
    threads.shutdown();
    if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
      throw new TimeoutException(threads.getActiveCount() + " requests hang");
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
