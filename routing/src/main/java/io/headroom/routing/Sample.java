package io.headroom.routing;

/**
 * One answer of a node to the monitor. It speaks for the time it began at, and for connections that
 * were open by then.
 *
 * @param beganNanos when the question was sent, by the {@link io.headroom.TimeSource}
 * @param endedNanos when the answer was there
 * @param status the answer
 */
record Sample(long beganNanos, long endedNanos, NodeStatus status) {

  /**
   * What this and a later answer together say, if both are of one run of a replica on one timeline;
   * else this. An answer that tells a position alone adds that; the rest is as old as it was.
   */
  Sample with(Sample later) {
    if (!isAlike(later) || later.status.position() < status.position()) {
      return this;
    }
    if (later.status.sinceReplay().isPresent() && later.beganNanos - beganNanos > 0) {
      return later;
    }
    return later.isFurtherOnThan(this)
        ? new Sample(beganNanos, endedNanos, status.movedTo(later.status.position()))
        : this;
  }

  /** Whether a replica shows more than by another answer of the same run. */
  boolean isFurtherOnThan(Sample other) {
    return isAlike(other) && status.position() > other.status.position();
  }

  private boolean isAlike(Sample other) {
    return status.role() == NodeRole.REPLICA
        && other.status.role() == NodeRole.REPLICA
        && status.timeline().equals(other.status.timeline())
        && status.incarnation().equals(other.status.incarnation());
  }
}
