package io.headroom.cache;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * When to go through all entries, and sweep out those that are of no use any more. Whoever reads a
 * clock anyway tells it the time, so that nothing runs while nobody asks. Caffeine would do it
 * entry by entry, for 16 bytes more in each of them. Thread-safe.
 */
final class Sweeps {

  /** So often in the longest life of an entry, which it may outstay by as much. */
  private static final int IN_A_LIFE = 4;

  private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final long everyNanos;
  private final AtomicBoolean underWay = new AtomicBoolean();
  private volatile long dueNanos;

  Sweeps(long longestLifeNanos, long nowNanos) {
    this.everyNanos =
        Math.min(LONGEST_NANOS, Math.max(SHORTEST_NANOS, longestLifeNanos / IN_A_LIFE));
    this.dueNanos = nowNanos + everyNanos;
  }

  /** Whether the caller is to see to it that one is made: one at a time, until it has ended. */
  boolean areDue(long nowNanos) {
    return nowNanos - dueNanos >= 0 && !underWay.get() && underWay.compareAndSet(false, true);
  }

  /** One has been made, or could not be: the next one is due a while from now. */
  void ended(long nowNanos) {
    dueNanos = nowNanos + everyNanos;
    underWay.set(false);
  }
}
