package io.headroom.guard;

/**
 * How many connections a pool may use, where the database gets slower the more work at once: fewer
 * than there are, then, serve as many requests, each in less time.
 *
 * <p>The shortest hold lately is taken for that of a database at ease. While all connections are in
 * use and are held for twice as long as that, the limit shrinks by a tenth; while they are not, it
 * grows by one, up to the pool's size. After the gradient of Netflix's concurrency-limits and TCP
 * Vegas, on hold times instead of round trips. Not thread-safe.
 */
final class AdaptiveLimit {

  private static final double SLOW = 2;
  private static final double LESS = 0.9;
  private static final double FULL = 0.95;
  private static final int LEAST_PART = 4;

  /** What was at ease once is forgotten, by this much in a window. */
  private static final double FORGETS = 1.001;

  private double limit;
  private double shortestHold;

  AdaptiveLimit(int size) {
    this.limit = size;
  }

  int update(int size, PoolSample sample) {
    double hold = sample.meanHoldNanos();
    if (hold > 0) {
      shortestHold = shortestHold == 0 ? hold : Math.min(shortestHold * FORGETS, hold);
      if (hold > SLOW * shortestHold && sample.utilization() >= FULL) {
        limit *= LESS;
      } else {
        limit += 1;
      }
    }
    double least = Math.max(1.0, size / (double) LEAST_PART);
    limit = Math.max(least, Math.min(size, limit));
    return (int) limit;
  }
}
