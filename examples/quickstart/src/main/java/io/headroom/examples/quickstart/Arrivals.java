package io.headroom.examples.quickstart;

import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * When requests come that know nothing of each other: a Poisson process. For one thread.
 *
 * @param random says how long after one the next comes
 * @param perSecond how many, on average
 */
record Arrivals(Random random, double perSecond) {

  /** When the next comes, after one that came then. */
  long after(long cameNanos) {
    return cameNanos + (long) (-Math.log(1 - random.nextDouble()) * 1e9 / perSecond);
  }

  /** Waits until one is due. */
  static void await(long dueNanos) {
    for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
