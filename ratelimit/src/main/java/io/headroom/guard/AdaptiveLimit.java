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

  /** With so much less than before, the database was no queue. */
  private static final double SERVES_LESS = 0.85;

  /** What shrinking did is seen after so many windows, and so many times as long as a hold. */
  private static final int SEEN_AFTER = 8;

  private static final int HOLDS = 2;
  private static final double OF_WINDOW = 0.5;

  private final double windowNanos;

  private double limit;
  private double shortestHold;
  private double usualHold;

  /** Since holds were last not long, or it shrank. */
  private int windowsSlow;

  /** The most that were served in a nanosecond since it began to shrink; 0 while it grows. */
  private double servedBefore;

  AdaptiveLimit(int size, long windowNanos) {
    this.limit = size;
    this.windowNanos = windowNanos;
  }

  int update(int size, PoolSample sample) {
    double hold = sample.meanHoldNanos();
    if (hold > 0) {
      shortestHold = shortestHold == 0 ? hold : Math.min(shortestHold * FORGETS, hold);
      usualHold = usualHold == 0 ? hold : usualHold + OF_WINDOW * (hold - usualHold);
      if (hold <= SLOW * shortestHold) {
        grow();
      } else if (sample.utilization() >= FULL) {
        shrinkIfThatIsSeen();
      }
    }
    double least = Math.max(1.0, size / (double) LEAST_PART);
    limit = Math.max(least, Math.min(size, limit));
    return (int) limit;
  }

  private void shrinkIfThatIsSeen() {
    windowsSlow++;
    if (windowsSlow < Math.max(SEEN_AFTER, HOLDS * usualHold / windowNanos)) {
      return;
    }
    double serves = Math.floor(limit) / usualHold;
    if (serves < SERVES_LESS * servedBefore) {
      shortestHold = usualHold;
      servedBefore = 0;
    } else {
      servedBefore = Math.max(servedBefore, serves);
      limit *= LESS;
      windowsSlow = 0;
    }
  }

  private void grow() {
    limit += MORE;
    windowsSlow = 0;
    servedBefore = 0;
  }
}
