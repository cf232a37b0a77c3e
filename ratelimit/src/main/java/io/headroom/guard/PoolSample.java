package io.headroom.guard;

/**
 * What a pool has gone through in a window.
 *
 * @param offered how many asked in a second, by the ordinal of their criticality, with those
 *     refused at the door
 * @param wanted how many connections these would keep in use, by the ordinal of their criticality
 * @param connections how many the pool can count on
 * @param capacity how many connections could be given out in a second; 0 if not known
 * @param demand what is asked for, as a share of what the pool can do in that time; 0 if not known
 * @param utilization the share of connections in use, over the last second
 * @param used the share of connections in use in the window
 * @param delayNanos how long everybody had to wait at least, but for those who overtake others
 * @param oldestWaitNanos how long the one that waits longest has waited
 * @param stuckNanos how long nothing has moved while somebody waited
 * @param stillNanos how long nothing has come back while all connections were in use, whether or
 *     not anybody waited
 * @param meanHoldNanos how long a connection is held; 0 if not known
 * @param ended how many connections came back in the window
 * @param sinceTurnedAway how many have been let in since one was last refused where they wait
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and nobody changes it
record PoolSample(
    double[] offered,
    double[] wanted,
    int connections,
    double capacity,
    double demand,
    double utilization,
    double used,
    long delayNanos,
    long oldestWaitNanos,
    long stuckNanos,
    long stillNanos,
    long meanHoldNanos,
    long ended,
    long sinceTurnedAway) {

  /** Nothing has happened yet. */
  static final PoolSample NONE =
      new PoolSample(new double[3], new double[3], 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  double offeredAltogether() {
    double all = 0;
    for (double each : offered) {
      all += each;
    }
    return all;
  }
}
