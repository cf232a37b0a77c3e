package io.headroom.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be seen to be wrong as soon as the servers have answered: mistakes of the configuration. */
final class StartChecks {

  private StartChecks() {}

  @SuppressWarnings("ReferenceEquality") // a node is one object
  static void check(String cluster, List<Node> nodes) {
    for (Node node : nodes) {
      for (Node other : nodes) {
        if (node == other) {
          break; // each pair once
        }
        NodeStatus one = statusOf(other);
        NodeStatus two = statusOf(node);
        if (one != null && two != null) {
          check(cluster, other, one, node, two);
        }
      }
    }
  }

  private static @Nullable NodeStatus statusOf(Node node) {
    Sample sample = node.sample();
    return sample == null ? null : sample.status();
  }

  private static void check(
      String cluster, Node node, NodeStatus status, Node other, NodeStatus otherStatus) {
    if (!status.cluster().equals(otherStatus.cluster())) {
      throw new IllegalStateException(
          "nodes '"
              + node.name()
              + "' and '"
              + other.name()
              + "' of cluster '"
              + cluster
              + "' are copies of different databases: their system identifiers are "
              + status.cluster()
              + " and "
              + otherStatus.cluster());
    }
    if (status.incarnation().equals(otherStatus.incarnation())) {
      throw new IllegalStateException(
          "nodes '"
              + node.name()
              + "' and '"
              + other.name()
              + "' of cluster '"
              + cluster
              + "' are one server ("
              + status.incarnation()
              + "): name it once");
    }
  }
}
