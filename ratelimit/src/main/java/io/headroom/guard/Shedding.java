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

  /** Less than it can do, where those too many are not seen waiting: by steps, down to this. */
  private static final double LEAST = 0.8;

  private static final double LESS = 0.95;
  private static final double BACK = 0.05;

  /** A share grows by this much in a window at most, since a burst may be over in the next. */
  private static final double STEP_UP = 0.2;

  private static final double STEP_DOWN = 0.1;

  /** Some are let in always, or it would not be known whether they fit. */
  private static final double MOST = 0.99;

  /** Where those are who are let in, and are too many. */
  enum Excess {
    /** They come to the pool, and are refused there. */
    SEEN,
    /** There are none: connections were idle. */
    NONE,
    /** Nobody has been refused there for a while. */
    NOT_SEEN,
    /** Nobody has been, and yet all have to wait. */
    QUEUED_ELSEWHERE
  }

  private double[] shares = new double[Rank.COUNT];
  private double more = MORE;

  /** The shares that were decided on last; not to be changed. */
  double[] shares() {
    return shares;
  }

  /**
   * Sheds by what is offered.
   *
   * @param offered how many connections those of each criticality would keep in use, with those
   *     that are shed
   * @param capacity how many there are; 0 if what is offered is not known
   * @param excess where those are who are too many
   * @return the shares from 0 to 1, by the ordinal of the criticality; not to be changed
   */
  double[] update(LoadLevel level, double[] offered, double capacity, Excess excess) {
    more =
        switch (excess) {
          case SEEN -> Math.min(MORE, more + BACK);
          case NONE -> MORE;
          case NOT_SEEN -> Math.min(1, more + BACK);
          case QUEUED_ELSEWHERE -> Math.max(LEAST, LESS * Math.min(1, more));
        };
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
