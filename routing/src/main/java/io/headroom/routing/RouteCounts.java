package io.headroom.routing;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How often work went where, and why. Thread-safe. */
final class RouteCounts {

  private final List<Map<RouteReason, LongAdder>> routed = new ArrayList<>();
  private final Map<RouteReason, LongAdder> refused = perReason();
  private final List<LongAdder> conflicts = new ArrayList<>();
  private final LongAdder unknownOutcomes = new LongAdder();

  RouteCounts(int nodes) {
    for (int node = 0; node < nodes; node++) {
      routed.add(perReason());
      conflicts.add(new LongAdder());
    }
  }

  /** Filled here, and only read from then on. */
  private static Map<RouteReason, LongAdder> perReason() {
    Map<RouteReason, LongAdder> adders = new EnumMap<>(RouteReason.class);
    for (RouteReason reason : RouteReason.values()) {
      adders.put(reason, new LongAdder());
    }
    return adders;
  }

  private static LongAdder of(Map<RouteReason, LongAdder> adders, RouteReason reason) {
    return Objects.requireNonNull(adders.get(reason));
  }

  void routed(Node node, RouteReason reason) {
    of(routed.get(node.index()), reason).increment();
  }

  void refused(RouteReason reason) {
    of(refused, reason).increment();
  }

  /** A replica cancelled a statement so as to apply a change. */
  void conflict(Node node) {
    conflicts.get(node.index()).increment();
  }

  void unknownOutcome() {
    unknownOutcomes.increment();
  }

  long routed(int node, RouteReason reason) {
    return of(routed.get(node), reason).sum();
  }

  long refusals(RouteReason reason) {
    return of(refused, reason).sum();
  }

  long conflicts(int node) {
    return conflicts.get(node).sum();
  }

  long unknownOutcomes() {
    return unknownOutcomes.sum();
  }
}
