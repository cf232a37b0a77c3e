package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import org.jspecify.annotations.Nullable;

/**
 * Whether a replica shows what a read asks for, by what its last sample says: no round trip.
 *
 * <p>A replica only moves forward, so a position that was sampled is a lower bound of what a
 * connection shows that was open by then. A restarted server, and a connection that is younger than
 * the sample, must speak for themselves: that is for whoever borrows.
 */
enum Freshness {
  /** It meets what was asked. */
  FRESH,
  /** Its position is below the one that was asked for. Waiting helps. */
  BEHIND,
  /** What it shows is, or may be, older than the bound. Waiting helps. */
  LAGGING,
  /** It is on a history that is not known to hold the position that was asked for. */
  OTHER_TIMELINE,
  /** It does not say, or its last answer is too old to count, or nobody knows what to ask for. */
  UNKNOWN;

  /** Whether the answer depends on samples at all: without that, any replica that is up will do. */
  static boolean matters(ReadNeed need) {
    return need.consistency().boundsLag()
        || (need.atLeast() != null && need.consistency().level() != Consistency.Level.EVENTUAL);
  }

  /**
   * Judges a replica.
   *
   * @param replica its last sample, null if there was none
   * @param need what the read asks for
   * @param topology who is the primary, and where timelines ended
   * @param nowNanos the time
   * @param maxAgeNanos how old a sample may be
   */
  static Freshness of(
      @Nullable Sample replica, ReadNeed need, Topology topology, long nowNanos, long maxAgeNanos) {
    if (!matters(need)) {
      return FRESH;
    }
    if (replica == null || nowNanos - replica.beganNanos() > maxAgeNanos) {
      return UNKNOWN;
    }
    Position atLeast = need.atLeast();
    if (atLeast != null) {
      Freshness causal = reached(replica.status(), atLeast, topology.ends());
      if (causal != FRESH) {
        return causal;
      }
    }
    if (need.consistency().boundsLag()) {
      Node primary = topology.primary();
      return withinLag(
          replica,
          primary == null ? null : primary.sample(),
          need.consistency().maximumLagNanos(),
          nowNanos);
    }
    return FRESH;
  }

  private static Freshness reached(NodeStatus status, Position atLeast, TimelineEnds ends) {
    if (status.timeline().isEmpty()) {
      return UNKNOWN;
    }
    long timeline = status.timeline().getAsLong();
    if (timeline != atLeast.incarnation()
        && !ends.carriesOver(atLeast.incarnation(), atLeast.position(), timeline)) {
      return OTHER_TIMELINE;
    }
    if (status.position() >= atLeast.position()) {
      return FRESH;
    }
    return atLeast.position() == Position.UNKNOWN ? UNKNOWN : BEHIND;
  }

  private static Freshness withinLag(
      Sample replica, @Nullable Sample primary, long maximumLagNanos, long nowNanos) {
    if (primary != null
        && nowNanos - primary.beganNanos() <= maximumLagNanos
        && caughtUp(replica.status(), primary.status())) {
      return FRESH;
    }
    if (replica.status().sinceReplay().isEmpty()) {
      return UNKNOWN;
    }
    long whenSampled = Nanos.of(replica.status().sinceReplay().get());
    long now = Nanos.sum(Math.max(0, whenSampled), nowNanos - replica.beganNanos());
    return now <= maximumLagNanos ? FRESH : LAGGING;
  }

  /**
   * Whether the replica had all that the primary had when that was asked: it then lags by no more
   * than the time since. That is how an idle primary's replica is recognised, whose last
   * transaction is as old as the last write. One whose stream is broken looks just the same, until
   * the primary writes; so it is believed only while it is connected.
   */
  private static boolean caughtUp(NodeStatus replica, NodeStatus primary) {
    return replica.streaming()
        && primary.role() == NodeRole.PRIMARY
        && replica.timeline().isPresent()
        && replica.timeline().equals(primary.timeline())
        && replica.position() >= primary.position();
  }
}
