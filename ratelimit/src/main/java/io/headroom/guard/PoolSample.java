package io.headroom.guard;

/**
 * What a pool has gone through in a window.
 *
 * @param offered how many asked in a second, by the ordinal of their criticality, with those
 *     refused at the door
 * @param capacity how many connections could be given out in a second; 0 if not known
 * @param utilization the share of connections in use, over the last second
 * @param delayNanos how long everybody had to wait at least
 * @param oldestWaitNanos how long the one that waits longest has waited
 * @param stuckNanos how long nothing has moved while somebody waited
 * @param meanHoldNanos how long a connection is held; 0 if not known
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and nobody changes it
record PoolSample(
    double[] offered,
    double capacity,
    double utilization,
    long delayNanos,
    long oldestWaitNanos,
    long stuckNanos,
    long meanHoldNanos) {

  double offeredAltogether() {
    double all = 0;
    for (double each : offered) {
      all += each;
    }
    return all;
  }
}
