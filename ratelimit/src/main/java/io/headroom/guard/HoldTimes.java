package io.headroom.guard;

/**
 * How long connections of one kind are held, as seen once a window. Of few that end in one, chance
 * decides how long they were held; so there is a figure that follows within windows, and one over
 * about a second. Not thread-safe.
 */
final class HoldTimes {

  /** Of a window in the figure that follows at once. */
  private static final double OF_WINDOW = 0.5;

  /** Of all before in the one over a second. */
  private static final double KEPT = 0.9;

  /** What takes so many times as long as those before counts for no more: it may be a stall. */
  private static final double STALL = 4;

  /** How long they take is not known by so few. */
  private static final double FEW = 0.01;

  private long ended;
  private long heldNanos;
  private double meanNanos;
  private double lately;
  private double latelyNanos;

  /**
   * Takes in a window.
   *
   * @param allEnded how many have ended until now
   * @param allNanos how long these were held together
   */
  void measure(long allEnded, long allNanos) {
    long endedNow = allEnded - ended;
    long nanosNow = allNanos - heldNanos;
    ended = allEnded;
    heldNanos = allNanos;
    lately = KEPT * lately + endedNow;
    latelyNanos = KEPT * latelyNanos + nanosNow;
    if (endedNow > 0) {
      double mean = Math.max(1.0, nanosNow / (double) endedNow);
      double likely = meanNanos == 0 ? mean : Math.min(mean, STALL * meanNanos);
      meanNanos += (meanNanos == 0 ? 1 : OF_WINDOW) * (likely - meanNanos);
    }
  }

  /** On the average, by what ended last; 0 if nothing has. */
  double meanNanos() {
    return meanNanos;
  }

  /**
   * On the average, if that was neither by chance nor by a stall that is over: the shorter of what
   * it was in the last windows and over a second; 0 if nothing has ended.
   */
  double usualNanos() {
    return lately > FEW ? Math.min(meanNanos, latelyNanos / lately) : meanNanos;
  }
}
