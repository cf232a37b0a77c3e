package io.headroom.benchmarks.soak;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The requests: reads from the cache, reads from replicas, writes that are read back from both, and
 * questions to all shards. First as many as the service can do, to know how many that is; then an
 * open loop by a Poisson process, whose requests come whether or not the others have been answered.
 */
final class SoakLoad implements AutoCloseable {
  private static final int THREADS = 64;

  private final SoakService service;
  private final Tally tally;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  SoakLoad(SoakService service, Tally tally) {
    this.service = service;
    this.tally = tally;
  }

  /**
   * What the service can do, in requests a second: the most that are answered to 8, 16, … threads
   * that ask one after the other, where one in a hundred is refused at most. (Of those refused at
   * once there could be any number.)
   */
  double capacity(Duration step) {
    double most = 0;
    for (int askers = 8; askers <= THREADS; askers += 8) {
      Tally counted = asked(askers, step);
      if (counted.errorsOutside() <= counted.done() / 100) {
        most = Math.max(most, counted.done() / (step.toNanos() / 1e9));
      }
    }
    return most;
  }

  private Tally asked(int askers, Duration length) {
    long end = System.nanoTime() + length.toNanos();
    Tally counted = new Tally(new FaultWindows());
    CompletableFuture<?>[] loops = new CompletableFuture<?>[askers];
    for (int i = 0; i < askers; i++) {
      loops[i] =
          CompletableFuture.runAsync(
              () -> {
                while (System.nanoTime() - end < 0) {
                  one(counted, System.nanoTime());
                }
              },
              threads);
    }
    CompletableFuture.allOf(loops).join();
    return counted;
  }

  /** Lets so many come a second, until then. */
  void run(double perSecond, long untilNanos) {
    double meanNanos = 1e9 / perSecond;
    ThreadLocalRandom random = ThreadLocalRandom.current();
    double due = System.nanoTime();
    while (due < untilNanos) {
      due -= meanNanos * Math.log(1 - random.nextDouble());
      long at = (long) due;
      for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      try {
        threads.execute(() -> one(tally, at));
      } catch (RejectedExecutionException closed) {
        return;
      }
    }
  }

  private void one(Tally counted, long dueNanos) {
    long account = account();
    try {
      service.request(account, () -> work(account, counted));
      counted.answered(dueNanos, System.nanoTime());
    } catch (SQLException | RuntimeException | Error failure) { // no thread dies unnoticed
      counted.failed(dueNanos, System.nanoTime(), failure);
    }
  }

  private void work(long account, Tally counted) throws SQLException {
    int draw = ThreadLocalRandom.current().nextInt(100);
    if (draw < 55) {
      service.cachedVersion(account);
    } else if (draw < 80) {
      service.readVersion(account);
    } else if (draw < 98) {
      long version = service.write(account);
      tally.acknowledged(account, version);
      counted.shown(service.cachedVersion(account), version);
      counted.shown(service.readVersion(account), version);
    } else {
      service.greatest(3);
    }
  }

  /** Some are asked for far more often than others. */
  private static long account() {
    double uniform = ThreadLocalRandom.current().nextDouble();
    return (long) (SoakService.ACCOUNTS * uniform * uniform * uniform);
  }

  /** Returns when those that came have been answered. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("requests did not end within a minute");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }
}
