package io.headroom.guard;

/**
 * What a pool has gone through in a window.
 *
 * @param offered how many asked in a second, by the ordinal of their criticality, with those
 *     refused at the door
 * @param capacity how many connections could be given out in a second; 0 if not known
 * @param demand what is asked for, as a share of what the pool can do in that time; 0 if not known
 * @param utilization the share of connections in use, over the last second
 * @param delayNanos how long everybody had to wait at least, but for those who overtake others
 * @param oldestWaitNanos how long the one that waits longest has waited
 * @param stuckNanos how long nothing has moved while somebody waited
 * @param meanHoldNanos how long a connection is held; 0 if not known
 * @param sinceTurnedAway how many have been let in since one was last refused where they wait
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and nobody changes it
record PoolSample(
    double[] offered,
    double capacity,
    double demand,
    double utilization,
    long delayNanos,
    long oldestWaitNanos,
    long stuckNanos,
    long meanHoldNanos,
    long sinceTurnedAway) {

  /** Nothing has happened yet. */
  static final PoolSample NONE = new PoolSample(new double[3], 0, 0, 0, 0, 0, 0, 0, 0);

  double offeredAltogether() {
    double all = 0;
    for (double each : offered) {
      all += each;
    }
    return all;
  }
}
