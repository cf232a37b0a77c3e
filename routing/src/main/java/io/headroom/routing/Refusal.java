package io.headroom.routing;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says why a node is kept out of all use, and what would mend that. */
final class Refusal {

  private Refusal() {}

  /** Empty if it is not refused. */
  static Optional<String> of(Node node, Topology topology) {
    Sample sample = node.sample();
    if ((topology.refused() & node.bit()) == 0 || sample == null) {
      return Optional.empty();
    }
    return Optional.of(why(sample.status(), topology));
  }

  private static String why(NodeStatus status, Topology topology) {
    Node primary = topology.primary();
    Sample leader = primary == null ? null : primary.sample();
    if (leader != null && !leader.status().cluster().equals(status.cluster())) {
      return "it is a copy of another database ("
          + status.cluster()
          + ", not "
          + leader.status().cluster()
          + "): correct its pool's URL, or clone the server anew";
    }
    if (status.role() == NodeRole.PRIMARY && !isRunOf(leader, status)) {
      return "it takes writes"
          + onTimeline(status)
          + ", and "
          + (primary == null || leader == null
              ? "nobody is known to be the primary"
              : "'" + primary.name() + "' is the primary" + onTimeline(leader.status()))
          + ": stop it, or clone it anew";
    }
    return primary == null
        ? "it is another name of a node before it, or of another database"
        : "it is another name of a node before it: name each server once";
  }

  private static boolean isRunOf(@Nullable Sample leader, NodeStatus status) {
    return leader != null && leader.status().incarnation().equals(status.incarnation());
  }

  private static String onTimeline(NodeStatus status) {
    return status.timeline().isEmpty() ? "" : " on timeline " + status.timeline().getAsLong();
  }
}
