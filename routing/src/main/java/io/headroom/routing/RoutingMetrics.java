package io.headroom.routing;

import io.headroom.BoundMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * A data source's meters.
 *
 * <pre>{@code
 * RoutingMetrics.of(orders).bindTo(registry);
 * }</pre>
 *
 * <p>Every meter has the tag {@code cluster}, the data source's name; those of a node have {@code
 * node}.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>what</th></tr>
 * <tr><td>{@code headroom.routing.routed}</td><td>connections bound, by {@code node} and {@code
 *     reason}: {@link RouteReason} in lower case, without its refusals</td></tr>
 * <tr><td>{@code headroom.routing.refused}</td><td>work turned away, by {@code reason}: {@link
 *     RouteReason#isRefusal} in lower case</td></tr>
 * <tr><td>{@code headroom.routing.conflicts}</td><td>statements that a replica cancelled so as to
 *     apply a change</td></tr>
 * <tr><td>{@code headroom.routing.unknown.outcomes}</td><td>commits of unknown outcome</td></tr>
 * <tr><td>{@code headroom.routing.timeline}</td><td>highest timeline seen; a step is a failover</td></tr>
 * <tr><td>{@code headroom.routing.writable}</td><td>1 while there is a primary, else 0</td></tr>
 * <tr><td>{@code headroom.routing.node.primary}</td><td>1 for the primary, else 0</td></tr>
 * <tr><td>{@code headroom.routing.node.up}</td><td>1 while it answers probes, else 0</td></tr>
 * <tr><td>{@code headroom.routing.node.refused}</td><td>1 while it is not used at all: another
 *     database, a second writer, a server named twice</td></tr>
 * <tr><td>{@code headroom.routing.node.ejected}</td><td>1 while its breaker keeps reads away</td></tr>
 * <tr><td>{@code headroom.routing.node.lag}</td><td>how far it is behind; not there while not known</td></tr>
 * <tr><td>{@code headroom.routing.node.latency}</td><td>moving average of its answers</td></tr>
 * <tr><td>{@code headroom.routing.node.in.flight}</td><td>connections in use</td></tr>
 * </table>
 *
 * <p>Give each a name of its own: of two of one name in one registry the first has the meters, and
 * the second a warning in the log. They go from the registry when the data source is closed, so
 * that another of its name may be bound there. Thread-safe. Needs micrometer-core, which nothing
 * else in this module does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class RoutingMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.routing.";

  private final ReplicaDataSource source;

  private RoutingMetrics(ReplicaDataSource source) {
    this.source = Objects.requireNonNull(source, "source must not be null");
  }

  /**
   * Creates the binder.
   *
   * @param source whose meters
   * @return its binder
   */
  public static RoutingMetrics of(ReplicaDataSource source) {
    return new RoutingMetrics(source);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    BoundMetrics meters =
        BoundMetrics.in(
            registry, PREFIX, ReplicaDataSource.class, "cluster '" + source.name() + "'");
    Bound bound = new Bound(source, meters);
    Tags tags = Tags.of("cluster", source.name());
    for (RouteReason reason : RouteReason.values()) {
      if (reason.isRefusal()) {
        bound.counter(
            "refused",
            "work turned away",
            tags.and("reason", name(reason)),
            c -> c.refusals(reason));
      }
    }
    bound.counter(
        "unknown.outcomes", "commits of unknown outcome", tags, RouteCounts::unknownOutcomes);
    bound.gauge(
        "timeline",
        "highest timeline seen, a step of which is a failover",
        tags,
        Topology::timeline);
    bound.gauge(
        "writable", "1 while there is a primary, else 0", tags, now -> bit(now.primary() != null));
    for (Node node : source.routes().nodes()) {
      bindNode(bound, tags.and("node", node.name()), node.index());
    }
    source.onClose(meters.removal());
  }

  private static void bindNode(Bound bound, Tags tags, int node) {
    for (RouteReason reason : RouteReason.values()) {
      if (!reason.isRefusal()) {
        bound.counter(
            "routed",
            "connections bound, by node and why",
            tags.and("reason", name(reason)),
            c -> c.routed(node, reason));
      }
    }
    bound.counter(
        "conflicts",
        "statements that a replica cancelled so as to apply a change",
        tags,
        c -> c.conflicts(node));
    bound.gauge("node.primary", "1 for the primary, else 0", tags, node, v -> bit(v.primary()));
    bound.gauge("node.up", "1 while the node answers probes, else 0", tags, node, v -> bit(v.up()));
    bound.gauge(
        "node.refused",
        "1 while the node is not used at all, else 0",
        tags,
        node,
        v -> bit(v.refused().isPresent()));
    bound.gauge(
        "node.ejected",
        "1 while its breaker keeps reads away, else 0",
        tags,
        node,
        v -> bit(v.ejected()));
    bound.gauge("node.in.flight", "connections to the node in use", tags, node, NodeView::inFlight);
    bound.time(
        "node.lag",
        "how far the node is behind, not there while not known",
        tags,
        node,
        v -> v.lag().map(RoutingMetrics::nanos).orElse(Double.NaN));
    bound.time(
        "node.latency",
        "moving average of the time that the node takes to answer",
        tags,
        node,
        v -> nanos(v.latency()));
  }

  private static double nanos(Duration duration) {
    return (double) duration.toNanos();
  }

  private static int bit(boolean value) {
    return value ? 1 : 0;
  }

  private static String name(RouteReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  /** The meters of one data source, whose figures are taken from itself and from its counts. */
  private record Bound(ReplicaDataSource source, BoundMetrics meters) {

    void counter(String name, String what, Tags tags, ToDoubleFunction<RouteCounts> count) {
      meters.counter(name, what, tags, source.routes().counts(), count);
    }

    void gauge(String name, String what, Tags tags, ToDoubleFunction<Topology> value) {
      meters.gauge(
          name, what, tags, source, s -> value.applyAsDouble(s.routes().monitor().current()));
    }

    void gauge(String name, String what, Tags tags, int node, ToDoubleFunction<NodeView> value) {
      meters.gauge(name, what, tags, source, s -> value.applyAsDouble(s.node(node)));
    }

    void time(String name, String what, Tags tags, int node, ToDoubleFunction<NodeView> nanos) {
      meters.time(name, what, tags, source, s -> nanos.applyAsDouble(s.node(node)));
    }
  }
}
