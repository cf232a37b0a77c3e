package io.headroom.testkit.servers;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits, with a bound, for what a server does in its own time. */
final class Await {

  private static final long PAUSE_NANOS = 3_000_000;

  private Await() {}

  /** Asks until the answer is yes; whether it was before the limit. */
  static boolean within(Duration limit, BooleanSupplier question) {
    long start = System.nanoTime();
    while (!question.getAsBoolean()) {
      if (System.nanoTime() - start > limit.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      if (Thread.currentThread().isInterrupted()) {
        throw new ServerException("Interrupted while waiting for a server");
      }
    }
    return true;
  }
}
