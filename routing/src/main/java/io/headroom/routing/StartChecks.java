package io.headroom.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen to be wrong as soon as the servers have answered: mistakes of the configuration.
 */
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
          requireDistinct(cluster, other.name(), one, node.name(), two);
        }
      }
    }
  }

  private static @Nullable NodeStatus statusOf(Node node) {
    Sample sample = node.sample();
    return sample == null ? null : sample.status();
  }

  private static void requireDistinct(
      String cluster, String first, NodeStatus one, String second, NodeStatus two) {
    if (!one.cluster().equals(two.cluster())) {
      throw new IllegalStateException(
          "nodes '"
              + first
              + "' and '"
              + second
              + "' of cluster '"
              + cluster
              + "' reach different databases: "
              + one.cluster()
              + " and "
              + two.cluster()
              + " (of PostgreSQL, the server's system identifier and the database's name)."
              + " Correct the URL of the one that is wrong, or give each database a data source"
              + " of its own");
    }
    if (one.incarnation().equals(two.incarnation())) {
      throw new IllegalStateException(
          "nodes '"
              + first
              + "' and '"
              + second
              + "' of cluster '"
              + cluster
              + "' are one server ("
              + one.incarnation()
              + "): name it once");
    }
  }
}
