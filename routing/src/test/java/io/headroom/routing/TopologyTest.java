package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopologyTest {

  private final ReplicaFleet fleet = ReplicaFleet.of(1);
  private final Node node = fleet.nodes.get(0);
  private final Node other = fleet.nodes.get(1);
  private Sample answer;

  @BeforeEach
  void primaryAnswers() {
    answer = sample("run");
    node.answered(answer);
  }

  private Sample sample(String run) {
    NodeStatus status =
        new NodeStatus(
            NodeRole.PRIMARY, "c", run, OptionalLong.of(3), 1000, true, Optional.empty());
    return new Sample(fleet.time.nanoTime(), fleet.time.nanoTime(), status);
  }

  private static Topology topology(@Nullable Node primary, long timeline, long refused) {
    return new Topology(1, primary, timeline, TimelineEnds.NONE, refused, null);
  }

  @Test
  void isNotReplacedWhileItIsThePrimaryOrJustDoesNotAnswer() {
    assertThat(topology(node, 3, 0).isReplaced(node, answer)).isFalse();
    assertThat(topology(null, 3, 0).isReplaced(node, answer)).isFalse();
    assertThat(topology(null, 3, other.bit()).isReplaced(node, answer)).isFalse();
  }

  @Test
  void isReplacedByAnotherPrimaryOrALaterTimeline() {
    assertThat(topology(other, 3, 0).isReplaced(node, answer)).isTrue();
    assertThat(topology(null, 4, 0).isReplaced(node, answer)).isTrue();
  }

  @Test
  void isReplacedWhereItIsNotTheOnlyOneThatTakesWrites() {
    assertThat(topology(null, 3, node.bit()).isReplaced(node, answer)).isTrue();
  }

  /** The connection reaches the server that the name meant before. */
  @Test
  void isNotReplacedByAForeignServerBehindItsName() {
    node.answered(sample("another run"));
    assertThat(topology(null, 3, node.bit()).isReplaced(node, answer)).isFalse();
  }
}
