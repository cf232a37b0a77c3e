package io.headroom.routing;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * A data source's meters.
 *
 * <pre>{@code
 * new RoutingMetrics(orders).bindTo(registry);
 * }</pre>
 *
 * <p>Every meter has the tag {@code cluster}, the data source's name; those of a node have {@code
 * node}.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>what</th></tr>
 * <tr><td>{@code headroom.routing.routed}</td><td>connections bound, by {@code node} and {@code
 *     reason}: {@link RouteReason} in lower case</td></tr>
 * <tr><td>{@code headroom.routing.refused}</td><td>work turned away, by {@code reason}</td></tr>
 * <tr><td>{@code headroom.routing.conflicts}</td><td>reads that a replica ended so as to apply a
 *     change</td></tr>
 * <tr><td>{@code headroom.routing.unknown.outcomes}</td><td>commits of unknown outcome</td></tr>
 * <tr><td>{@code headroom.routing.timeline}</td><td>highest timeline seen; a step is a failover</td></tr>
 * <tr><td>{@code headroom.routing.writable}</td><td>1 while there is a primary, else 0</td></tr>
 * <tr><td>{@code headroom.routing.node.primary}</td><td>1 for the primary, else 0</td></tr>
 * <tr><td>{@code headroom.routing.node.up}</td><td>1 while it answers probes, else 0</td></tr>
 * <tr><td>{@code headroom.routing.node.ejected}</td><td>1 while its breaker keeps reads away</td></tr>
 * <tr><td>{@code headroom.routing.node.lag}</td><td>how far it is behind; not there while not known</td></tr>
 * <tr><td>{@code headroom.routing.node.latency}</td><td>moving average of its answers</td></tr>
 * <tr><td>{@code headroom.routing.node.in.flight}</td><td>connections in use</td></tr>
 * </table>
 *
 * <p>Thread-safe. Needs micrometer-core, which nothing else in this module does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class RoutingMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.routing.";

  private static final List<RouteReason> REFUSALS =
      List.of(RouteReason.REFUSED_BUDGET, RouteReason.REFUSED_LOAD, RouteReason.REFUSED_NO_PRIMARY);

  private final ReplicaDataSource source;

  /**
   * Creates the binder.
   *
   * @param source whose meters
   */
  public RoutingMetrics(ReplicaDataSource source) {
    this.source = Objects.requireNonNull(source, "source must not be null");
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Tags tags = Tags.of("cluster", source.name());
    for (RouteReason reason : REFUSALS) {
      FunctionCounter.builder(PREFIX + "refused", counts(), c -> c.refusals(reason))
          .description("work turned away")
          .tags(tags.and("reason", name(reason)))
          .register(registry);
    }
    FunctionCounter.builder(PREFIX + "unknown.outcomes", counts(), RouteCounts::unknownOutcomes)
        .description("commits of unknown outcome")
        .tags(tags)
        .register(registry);
    Gauge.builder(PREFIX + "timeline", source, s -> s.routes().monitor().current().timeline())
        .description("highest timeline seen")
        .tags(tags)
        .register(registry);
    Gauge.builder(
            PREFIX + "writable",
            source,
            s -> s.routes().monitor().current().primary() == null ? 0 : 1)
        .description("whether there is a primary")
        .tags(tags)
        .register(registry);
    for (int node = 0; node < source.routes().nodes().size(); node++) {
      bindNode(registry, tags, node);
    }
  }

  private void bindNode(MeterRegistry registry, Tags cluster, int node) {
    Tags tags = cluster.and("node", source.routes().nodes().get(node).name());
    for (RouteReason reason : RouteReason.values()) {
      if (!REFUSALS.contains(reason)) {
        FunctionCounter.builder(PREFIX + "routed", counts(), c -> c.routed(node, reason))
            .description("connections bound")
            .tags(tags.and("reason", name(reason)))
            .register(registry);
      }
    }
    FunctionCounter.builder(PREFIX + "conflicts", counts(), c -> c.conflicts(node))
        .description("reads that a replica ended so as to apply a change")
        .tags(tags)
        .register(registry);
    gauge(registry, tags, node, "node.primary", "whether it is the primary", v -> bit(v.primary()));
    gauge(registry, tags, node, "node.up", "whether it answers probes", v -> bit(v.up()));
    gauge(registry, tags, node, "node.ejected", "whether reads keep away", v -> bit(v.ejected()));
    gauge(registry, tags, node, "node.in.flight", "connections in use", NodeView::inFlight);
    time(
        registry,
        tags,
        node,
        "node.lag",
        "how far it is behind",
        v -> v.lag().map(RoutingMetrics::nanos).orElse(Double.NaN));
    time(
        registry,
        tags,
        node,
        "node.latency",
        "moving average of its answers",
        v -> nanos(v.latency()));
  }

  private void gauge(
      MeterRegistry registry,
      Tags tags,
      int node,
      String name,
      String what,
      ToDoubleFunction<NodeView> value) {
    Gauge.builder(PREFIX + name, source, s -> value.applyAsDouble(s.node(node)))
        .description(what)
        .tags(tags)
        .register(registry);
  }

  private void time(
      MeterRegistry registry,
      Tags tags,
      int node,
      String name,
      String what,
      ToDoubleFunction<NodeView> nanos) {
    TimeGauge.builder(
            PREFIX + name, source, TimeUnit.NANOSECONDS, s -> nanos.applyAsDouble(s.node(node)))
        .description(what)
        .tags(tags)
        .register(registry);
  }

  private RouteCounts counts() {
    return source.routes().counts();
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
}
