package io.headroom.examples.quickstart.service;

import io.headroom.routing.RouteReason;
import io.headroom.routing.RoutingListener;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts which server was given work, and why. Thread-safe. */
final class RouteTally implements RoutingListener {

  private record Route(String node, RouteReason reason) {}

  private final ConcurrentMap<Route, LongAdder> routes = new ConcurrentHashMap<>();

  @Override
  public void onRouted(String cluster, String node, RouteReason reason) {
    routes.computeIfAbsent(new Route(node, reason), route -> new LongAdder()).increment();
  }

  /** By server and {@link RouteReason}. */
  Map<String, Map<String, Long>> counts() {
    Map<String, Map<String, Long>> byNode = new TreeMap<>();
    routes.forEach(
        (route, times) ->
            byNode
                .computeIfAbsent(route.node(), node -> new TreeMap<>())
                .put(route.reason().name(), times.sum()));
    return byNode;
  }
}
