package io.headroom.routing;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a node fares, for health pages and people. Immutable, of one moment.
 *
 * @param name the node's name
 * @param primary whether writes go there
 * @param up whether it answers probes
 * @param refused why it is not used at all, empty if it is
 * @param ejected whether its circuit breaker keeps reads away
 * @param role what it last said of itself, empty before it answered
 * @param timeline the timeline that it is on, empty if not known
 * @param position its log position, empty before it answered
 * @param lag how far it is behind the primary in time; empty if not known, as for a node that is
 *     down, or on another timeline than the primary
 * @param inFlight connections of it that are in use through this data source
 * @param latency its moving average, zero before the first answer
 */
public record NodeView(
    String name,
    boolean primary,
    boolean up,
    Optional<String> refused,
    boolean ejected,
    Optional<NodeRole> role,
    OptionalLong timeline,
    OptionalLong position,
    Optional<Duration> lag,
    int inFlight,
    Duration latency) {

  @SuppressWarnings("ReferenceEquality") // a node is one object
  static NodeView of(Node node, Topology topology, long nowNanos) {
    Sample sample = node.sample();
    Optional<NodeStatus> status = Optional.ofNullable(sample).map(Sample::status);
    return new NodeView(
        node.name(),
        topology.primary() == node,
        node.isUp(),
        Refusal.of(node, topology),
        node.health().isEjected(),
        status.map(NodeStatus::role),
        status.map(NodeStatus::timeline).orElse(OptionalLong.empty()),
        status.map(known -> OptionalLong.of(known.position())).orElse(OptionalLong.empty()),
        lag(node, topology, nowNanos),
        node.load().inFlight(),
        Duration.ofNanos((long) node.load().latencyNanos(nowNanos)));
  }

  /**
   * Zero for the primary, and for a replica that has all that the primary had when asked. What is
   * down, or on another timeline than the primary, was level with something else at best.
   */
  @SuppressWarnings("ReferenceEquality") // a node is one object
  private static Optional<Duration> lag(Node node, Topology topology, long nowNanos) {
    Sample own = node.sample();
    Node primary = topology.primary();
    if (own == null || !node.isUp()) {
      return Optional.empty();
    }
    NodeStatus status = own.status();
    if (status.role() == NodeRole.PRIMARY) {
      return node == primary ? Optional.of(Duration.ZERO) : Optional.empty();
    }
    Sample first = primary == null ? null : primary.sample();
    if (first != null) {
      OptionalLong timeline = first.status().timeline();
      if (timeline.isPresent()
          && status.timeline().isPresent()
          && !timeline.equals(status.timeline())) {
        return Optional.empty();
      }
      if (status.streaming() && status.position() >= first.status().position()) {
        return Optional.of(Duration.ZERO);
      }
    }
    return status.sinceReplay().map(since -> since.plusNanos(sinceSampled(own, nowNanos)));
  }

  private static long sinceSampled(Sample sample, long nowNanos) {
    return Math.max(0, nowNanos - sample.beganNanos());
  }
}
