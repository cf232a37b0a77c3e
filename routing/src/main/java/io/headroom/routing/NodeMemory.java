package io.headroom.routing;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a run of a server has told before, and may not be able to tell again: a replica knows its
 * timeline from the connection to its primary, and that is gone once the primary is dead, just when
 * the replicas must serve. Thread-safe.
 */
final class NodeMemory {

  private String incarnation = "";
  private long timeline;
  private @Nullable NodeStatus asReplica;

  /** Adds to an answer what was known already. */
  synchronized NodeStatus complete(NodeStatus answer) {
    if (!answer.incarnation().equals(incarnation)) {
      incarnation = answer.incarnation();
      timeline = 0;
      asReplica = null;
    }
    timeline = Math.max(timeline, answer.timeline().orElse(0));
    NodeStatus completed = timeline == answer.timeline().orElse(0) ? answer : on(timeline, answer);
    if (answer.role() == NodeRole.REPLICA) {
      asReplica = completed;
    }
    return completed;
  }

  /** What the run that answered last said while it was a replica, null if it never did. */
  synchronized @Nullable NodeStatus asReplica() {
    return asReplica;
  }

  private static NodeStatus on(long timeline, NodeStatus answer) {
    return new NodeStatus(
        answer.role(),
        answer.cluster(),
        answer.incarnation(),
        OptionalLong.of(timeline),
        answer.position(),
        answer.streaming(),
        answer.sinceReplay());
  }
}
