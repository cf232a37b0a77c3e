package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import java.util.Arrays;

/**
 * For which share of users each criticality is shed. What the pool can do is given to the most
 * critical first, and what is left to the next; a little more is let in than it can do, so that it
 * never runs out of work, and those too many are refused where they wait. Not thread-safe.
 */
final class Shedding {

  private static final int MOST_CRITICAL = Rank.of(Criticality.CRITICAL);

  /** More than the pool can do, by this. */
  static final double MORE = 1.2;

  /** Less than that, where those too many are not seen waiting: down to this, by these steps. */
  private static final double LEAST = 0.8;

  private static final double LESS = 0.95;
  private static final double BACK = 0.02;

  /** A share grows by this much in a window at most, since a burst may be over in the next. */
  private static final double STEP_UP = 0.2;

  private static final double STEP_DOWN = 0.1;

  /** Some are let in always, or it would not be known whether they fit. */
  private static final double MOST = 0.99;

  private double[] shares = new double[Rank.COUNT];
  private double more = MORE;

  /**
   * Sheds by what is offered.
   *
   * @param offered how many of each criticality come in a window, with those that are shed
   * @param capacity how many the pool can serve meanwhile; 0 if that is not known
   * @param queuedElsewhere whether those too many wait where they are not refused
   * @return the shares from 0 to 1, by the ordinal of the criticality; not to be changed
   */
  double[] update(LoadLevel level, double[] offered, double capacity, boolean queuedElsewhere) {
    more = queuedElsewhere ? Math.max(LEAST, LESS * more) : Math.min(MORE, more + BACK);
    double[] next = new double[Rank.COUNT];
    if (level == LoadLevel.CRITICAL) {
      Arrays.fill(next, 1);
      next[MOST_CRITICAL] = 0;
    } else if (level == LoadLevel.HIGH) {
      double left = capacity > 0 ? more * capacity : Double.MAX_VALUE;
      double before = 0;
      for (int i = 0; i < Rank.COUNT; i++) {
        double fits = offered[i] > left ? left / offered[i] : 1;
        left = Math.max(0, left - offered[i]);
        double wanted = i == MOST_CRITICAL ? 0 : Math.min(1 - fits, MOST);
        double stepped = Math.max(shares[i] - STEP_DOWN, Math.min(shares[i] + STEP_UP, wanted));
        before = Math.max(before, stepped); // the less critical are never better off
        next[i] = before;
      }
    }
    shares = next;
    return next;
  }
}
