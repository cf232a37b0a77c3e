package io.headroom.examples.quickstart;

import io.headroom.routing.RouteReason;
import io.headroom.routing.RoutingListener;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts which server was given work, and why. Thread-safe. */
final class RouteTally implements RoutingListener {

  private static final Set<RouteReason> READS_ON_A_REPLICA =
      Set.of(RouteReason.FRESH, RouteReason.WAITED, RouteReason.BACKUP, RouteReason.STALE);

  private record Route(String node, RouteReason reason) {}

  private final ConcurrentMap<Route, LongAdder> routes = new ConcurrentHashMap<>();

  @Override
  public void onRouted(String node, RouteReason reason) {
    routes.computeIfAbsent(new Route(node, reason), route -> new LongAdder()).increment();
  }

  /** Forgets what was counted before the load. */
  void restart() {
    routes.clear();
  }

  /** How many of a hundred reads ran on a replica. */
  double percentOnReplicas() {
    long reads = 0;
    long onReplicas = 0;
    for (Map.Entry<Route, LongAdder> counted : routes.entrySet()) {
      RouteReason reason = counted.getKey().reason();
      long times = counted.getValue().sum();
      if (READS_ON_A_REPLICA.contains(reason)) {
        onReplicas += times;
      }
      if (reason != RouteReason.WRITE && reason != RouteReason.METADATA) {
        reads += times;
      }
    }
    return reads == 0 ? 0 : 100.0 * onReplicas / reads;
  }

  /** The header and a row for each server, with a column for each reason that there was. */
  List<List<String>> table() {
    Map<RouteReason, Boolean> reasons = new EnumMap<>(RouteReason.class);
    Map<String, Map<RouteReason, Long>> byNode = new TreeMap<>();
    routes.forEach(
        (route, times) -> {
          reasons.put(route.reason(), true);
          byNode
              .computeIfAbsent(route.node(), node -> new EnumMap<>(RouteReason.class))
              .put(route.reason(), times.sum());
        });
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("server"));
    reasons.keySet().forEach(reason -> header.add(reason.name()));
    rows.add(header);
    byNode.forEach(
        (node, counted) -> {
          List<String> row = new ArrayList<>(List.of(node));
          reasons
              .keySet()
              .forEach(reason -> row.add(Screen.count(counted.getOrDefault(reason, 0L))));
          rows.add(row);
        });
    return rows;
  }
}
