package io.headroom.routing;

import java.util.concurrent.atomic.LongAdder;

/** How often work went where, and why. Thread-safe. */
final class RouteCounts {

  private static final RouteReason[] REASONS = RouteReason.values();

  private final LongAdder[] routed;
  private final LongAdder[] refused;
  private final LongAdder[] conflicts;
  private final LongAdder unknownOutcomes = new LongAdder();

  RouteCounts(int nodes) {
    routed = adders(nodes * REASONS.length);
    refused = adders(REASONS.length);
    conflicts = adders(nodes);
  }

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    for (int i = 0; i < count; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  void routed(Node node, RouteReason reason) {
    routed[node.index() * REASONS.length + reason.ordinal()].increment();
  }

  void refused(RouteReason reason) {
    refused[reason.ordinal()].increment();
  }

  /** A replica ended a read so as to apply a change. */
  void conflict(Node node) {
    conflicts[node.index()].increment();
  }

  void unknownOutcome() {
    unknownOutcomes.increment();
  }

  long routed(int node, RouteReason reason) {
    return routed[node * REASONS.length + reason.ordinal()].sum();
  }

  long refusals(RouteReason reason) {
    return refused[reason.ordinal()].sum();
  }

  long conflicts(int node) {
    return conflicts[node].sum();
  }

  long unknownOutcomes() {
    return unknownOutcomes.sum();
  }
}
