package io.headroom.guard;

/**
 * How many connections a pool may use, where the database gets slower the more work at once: fewer
 * than there are, then, serve as many requests, each in less time.
 *
 * <p>The shortest hold lately is taken for that of a database at ease. While all connections are in
 * use and are held for twice as long as that, the limit shrinks by a tenth, and what that did is
 * awaited; while they are held for less, it grows by one in four windows, up to the pool's size.
 * After the gradient of Netflix's concurrency-limits and TCP Vegas, on hold times instead of round
 * trips.
 *
 * <p>Those take every slow request for a queue somewhere. But busy hours may have longer requests
 * than quiet ones. So it is looked at what fewer connections have come to: if they serve fewer
 * requests by as much, it was no queue, and as long as they take now is the measure from then on.
 * Not thread-safe.
 */
final class AdaptiveLimit {

  private static final double SLOW = 2;
  private static final double LESS = 0.9;

  /** In a window, so that it is seen what came of it. */
  private static final double MORE = 0.25;

  private static final double FULL = 0.9;
  private static final int LEAST_PART = 4;

  /** What was at ease once is forgotten, by this much in a window. */
  private static final double FORGETS = 1.001;

  /** With so much less than before, and that twice, the database was no queue. */
  private static final double SERVES_LESS = 0.85;

  private static final int TIMES = 2;

  /** What shrinking has done begins to show after so many times as long as a hold. */
  private static final double HOLDS = 2;

  /** By so many that were served it is known how many are, whatever chance does. */
  private static final int ENOUGH = 200;

  /** Of a window in the usual hold: this at most, and in proportion where fewer than many end. */
  private static final double OF_WINDOW = 0.5;

  private static final int MANY = 50;

  private final double windowNanos;

  private double limit;
  private double shortestHold;
  private double usualHold;

  /** Windows until it shows what shrinking has done. */
  private double windowsToWait;

  private int windows;
  private long served;

  /** How many were served in a window before it began to shrink; 0 while it grows. */
  private double servedBefore;

  private int timesLess;

  AdaptiveLimit(int size, long windowNanos) {
    this.limit = size;
    this.windowNanos = windowNanos;
  }

  int update(int size, PoolSample sample) {
    double hold = sample.meanHoldNanos();
    if (hold > 0) {
      boolean full = sample.utilization() >= FULL;
      double weight = Math.min(OF_WINDOW, sample.ended() / (double) MANY);
      usualHold = usualHold == 0 ? hold : usualHold + weight * (hold - usualHold);
      // What is at ease can't be seen while the database is not, and is kept in mind so long.
      double remembered = full ? shortestHold : shortestHold * FORGETS;
      shortestHold = shortestHold == 0 ? usualHold : Math.min(remembered, usualHold);
      if (usualHold <= SLOW * shortestHold) {
        grow();
      } else if (full) {
        watch(sample.ended());
      }
    }
    double least = Math.max(1.0, size / (double) LEAST_PART);
    limit = Math.max(least, Math.min(size, limit));
    return (int) limit;
  }

  private void watch(long ended) {
    if (windowsToWait > 0) {
      windowsToWait--;
      return;
    }
    windows++;
    served += ended;
    boolean first = servedBefore == 0;
    if (served >= (first ? 2 * ENOUGH : ENOUGH)) {
      double now = served / (double) windows;
      timesLess = now < SERVES_LESS * servedBefore ? timesLess + 1 : 0;
      if (timesLess == TIMES) {
        shortestHold = usualHold;
        grow();
      } else if (timesLess == 0) {
        servedBefore = first ? now : servedBefore;
        limit *= LESS;
        windowsToWait = HOLDS * usualHold / windowNanos;
      }
      windows = 0;
      served = 0;
    }
  }

  private void grow() {
    limit += MORE;
    servedBefore = 0;
    timesLess = 0;
    windowsToWait = HOLDS * usualHold / windowNanos;
    windows = 0;
    served = 0;
  }
}
