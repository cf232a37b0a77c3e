package io.headroom.benchmarks.soak;

import java.util.concurrent.locks.LockSupport;

/**
 * Watches whether the machine runs us at all: a thread that wants to wake up every ten milliseconds
 * and notes when it was a tenth of a second late. Other builds on the same cores, or a laptop that
 * sleeps, are no faults of ours.
 */
final class Stalls {
  private static final long TICK_NANOS = 10_000_000;
  private static final long LATE_NANOS = 100_000_000;

  private Stalls() {}

  static void watch(FaultWindows windows) {
    Thread watch = new Thread(() -> run(windows), "stalls");
    watch.setDaemon(true);
    watch.start();
  }

  private static void run(FaultWindows windows) {
    long last = System.nanoTime();
    while (true) {
      LockSupport.parkNanos(TICK_NANOS);
      long now = System.nanoTime();
      if (now - last > LATE_NANOS) {
        windows.stalled(last, now);
      }
      last = now;
    }
  }
}
