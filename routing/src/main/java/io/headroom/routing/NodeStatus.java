package io.headroom.routing;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a server answered to one probe. Immutable.
 *
 * @param role whether it takes writes
 * @param cluster which database this is a copy of: the same for a primary and its replicas, and for
 *     no other (PostgreSQL's system identifier)
 * @param incarnation which run of which server answered: another after a restart, and the same by
 *     whatever name or address the server is reached (PostgreSQL: where and when it was started)
 * @param timeline the history that it is on, which grows with every promotion; empty if it does not
 *     say
 * @param position on a primary, where every commit that it has acknowledged lies at or before, and
 *     which a replica reaches without another write; on a replica, up to where its data is visible
 * @param streaming whether it is a replica that is connected to its primary; true for a primary
 * @param sinceReplay on a replica, how old the last transaction is that it shows; grows while
 *     nothing is written, too; empty if it does not know
 */
public record NodeStatus(
    NodeRole role,
    String cluster,
    String incarnation,
    OptionalLong timeline,
    long position,
    boolean streaming,
    Optional<Duration> sinceReplay) {

  /**
   * Checks that everything is there.
   *
   * @param role whether it takes writes
   * @param cluster which database this is a copy of
   * @param incarnation which run of which server
   * @param timeline the history that it is on
   * @param position acknowledged or visible up to here
   * @param streaming whether it is connected to its primary
   * @param sinceReplay how old the last transaction is that it shows
   * @throws IllegalArgumentException if the position is negative
   */
  public NodeStatus {
    Objects.requireNonNull(role, "role must not be null");
    Objects.requireNonNull(cluster, "cluster must not be null");
    Objects.requireNonNull(incarnation, "incarnation must not be null");
    Objects.requireNonNull(timeline, "timeline must not be null");
    Objects.requireNonNull(sinceReplay, "sinceReplay must not be null");
    if (position < 0) {
      throw new IllegalArgumentException("position must not be negative, was " + position);
    }
  }

  /** The same answer, but for the position. */
  NodeStatus movedTo(long later) {
    return new NodeStatus(role, cluster, incarnation, timeline, later, streaming, sinceReplay);
  }

  /** The same server, further on; how old its data is, was not asked anew. */
  NodeStatus withPosition(long later) {
    return new NodeStatus(role, cluster, incarnation, timeline, later, streaming, Optional.empty());
  }

  /** For the log. */
  String inWords() {
    return (role == NodeRole.PRIMARY ? "it takes writes" : "a replica")
        + (timeline.isEmpty() ? "" : " on timeline " + timeline.getAsLong())
        + " of "
        + cluster;
  }
}
