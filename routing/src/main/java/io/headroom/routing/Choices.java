package io.headroom.routing;

import java.util.List;

/** Every choice that there is for a list of nodes, made once. Immutable. */
final class Choices {

  /** By node, then whether it is a trial. */
  private final Choice[][] fresh;

  private final Choice[][] backup;
  private final Choice[][] stale;
  private final Choice[][] behind;
  private final Choice lagging = new Choice(null, RouteReason.SPILLED_LAGGING, null);
  private final Choice down = new Choice(null, RouteReason.SPILLED_DOWN, null);
  private final Choice noReplicas = new Choice(null, RouteReason.NO_REPLICAS, null);
  private final Choice strong = new Choice(null, RouteReason.STRONG, null);

  Choices(List<Node> nodes) {
    this.fresh = each(nodes, RouteReason.FRESH);
    this.backup = each(nodes, RouteReason.BACKUP);
    this.stale = each(nodes, RouteReason.STALE);
    this.behind =
        nodes.stream()
            .map(node -> new Choice(null, RouteReason.SPILLED_LAGGING, node))
            .map(Choices::andAsTrial)
            .toArray(Choice[][]::new);
  }

  private static Choice[][] each(List<Node> nodes, RouteReason reason) {
    return nodes.stream()
        .map(node -> new Choice(node, reason, null))
        .map(Choices::andAsTrial)
        .toArray(Choice[][]::new);
  }

  private static Choice[] andAsTrial(Choice choice) {
    return new Choice[] {choice, choice.asTrial()};
  }

  private static Choice of(Choice[][] choices, Node node, boolean trial) {
    return choices[node.index()][trial ? 1 : 0];
  }

  Choice fresh(Node node, boolean trial) {
    return of(fresh, node, trial);
  }

  Choice backup(Node node, boolean trial) {
    return of(backup, node, trial);
  }

  Choice stale(Node node, boolean trial) {
    return of(stale, node, trial);
  }

  Choice behind(Node node, boolean trial) {
    return of(behind, node, trial);
  }

  Choice lagging() {
    return lagging;
  }

  Choice down() {
    return down;
  }

  Choice noReplicas() {
    return noReplicas;
  }

  Choice strong() {
    return strong;
  }
}
