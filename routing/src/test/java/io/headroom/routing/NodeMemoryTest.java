package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class NodeMemoryTest {

  private final NodeMemory memory = new NodeMemory();

  private static NodeStatus status(
      NodeRole role, String incarnation, long timeline, long position) {
    return new NodeStatus(
        role,
        "cluster",
        incarnation,
        timeline == 0 ? OptionalLong.empty() : OptionalLong.of(timeline),
        position,
        true,
        Optional.empty());
  }

  @Test
  void aReplicaWhosePrimaryIsGoneKeepsItsTimeline() {
    memory.complete(status(NodeRole.REPLICA, "run 1", 3, 10));
    assertThat(memory.complete(status(NodeRole.REPLICA, "run 1", 0, 20)).timeline()).hasValue(3);
    assertThat(memory.complete(status(NodeRole.REPLICA, "run 1", 2, 20)).timeline()).hasValue(3);
    assertThat(memory.complete(status(NodeRole.REPLICA, "run 1", 4, 20)).timeline()).hasValue(4);
  }

  @Test
  void aRestartForgets() {
    memory.complete(status(NodeRole.REPLICA, "run 1", 3, 10));
    assertThat(memory.complete(status(NodeRole.PRIMARY, "run 2", 0, 20)).timeline()).isEmpty();
    assertThat(memory.asReplica()).isNull();
  }

  @Test
  void aPromotedServerIsRememberedAsTheReplicaThatItWas() {
    assertThat(memory.asReplica()).isNull();
    NodeStatus asReplica = status(NodeRole.REPLICA, "run 1", 1, 10);
    memory.complete(asReplica);
    memory.complete(status(NodeRole.PRIMARY, "run 1", 2, 20));
    assertThat(memory.asReplica()).isEqualTo(asReplica);
  }
}
