package io.headroom.cache;

import io.headroom.TimeSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The patience of one who waits for what another process loads: short pauses that grow, and an end.
 * For one thread.
 */
final class LeaseWait {

  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

  private final long endNanos;
  private final TimeSource time;
  private long pauseNanos = FIRST_NANOS;

  /** Begins now. */
  LeaseWait(long nanos, TimeSource time) {
    this.endNanos = time.nanoTime() + nanos;
    this.time = time;
  }

  /**
   * Pauses.
   *
   * @return false at once if there is no patience left, or the thread is interrupted
   */
  boolean goesOn() {
    if (endNanos - time.nanoTime() <= 0 || Thread.currentThread().isInterrupted()) {
      return false;
    }
    // Chance, so that those who wait for the same do not ask all at once.
    LockSupport.parkNanos(pauseNanos / 2 + ThreadLocalRandom.current().nextLong(pauseNanos / 2));
    pauseNanos = Math.min(LONGEST_NANOS, 2 * pauseNanos);
    return true;
  }
}
