package io.headroom.guard;

/**
 * How a guard is set; times in nanoseconds.
 *
 * @param targetNanos the delay of everybody that is overload, once it lasts for a window
 * @param windowNanos how long is looked at at a time
 * @param maximumWaitNanos how long one waits for a connection
 * @param maximumWaiters how many wait for one; 0 for ten times as many as there are connections
 * @param elevatedAt the share of connections in use that raises the first level
 * @param calmBelow the share below which it ends
 * @param dwellNanos how long it must be calm before a level ends, for the first time
 * @param stuckNanos how long nothing may come back while somebody waits
 * @param reserved connections that only critical work gets under load
 * @param heldTooLongNanos how long a connection may be held before that is told of
 * @param whereTaken whether it is noted where connections are taken
 * @param adaptive whether fewer connections than there are may be used
 * @param shadow whether nothing is refused
 */
record GuardSettings(
    long targetNanos,
    long windowNanos,
    long maximumWaitNanos,
    int maximumWaiters,
    double elevatedAt,
    double calmBelow,
    long dwellNanos,
    long stuckNanos,
    int reserved,
    long heldTooLongNanos,
    boolean whereTaken,
    boolean adaptive,
    boolean shadow) {

  private static final int WAITERS_PER_CONNECTION = 10;

  int maximumWaiters(int size) {
    return maximumWaiters > 0 ? maximumWaiters : WAITERS_PER_CONNECTION * size;
  }

  int reserved(int size) {
    return Math.min(reserved, size - 1);
  }
}
