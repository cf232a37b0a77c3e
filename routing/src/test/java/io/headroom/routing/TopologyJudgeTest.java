package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopologyJudgeTest {

  private static final long DOWN_AFTER = 1000;

  private final TopologyJudge judge = new TopologyJudge(DOWN_AFTER);
  private final List<Node> nodes = TestNodes.named("a", "b", "c");
  private final NodeMemory[] memories = {new NodeMemory(), new NodeMemory(), new NodeMemory()};
  private final Map<String, Long> remembered = new HashMap<>();
  private long now = Long.MAX_VALUE - 50; // overflows soon
  private boolean tried = true;
  private Verdict verdict = Verdict.NONE;

  private Topology judged() {
    List<Sighting> sightings = new ArrayList<>();
    for (Node node : nodes) {
      @Nullable NodeStatus asReplica = memories[node.index()].asReplica();
      sightings.add(new Sighting(node, node.sample(), tried, node.isUp(), asReplica, null));
    }
    verdict = judge.judge(verdict, sightings, remembered, now);
    return verdict.topology();
  }

  private void primary(int index, long timeline, long position) {
    answers(index, NodeRole.PRIMARY, "ours", "run of " + index, timeline, position);
  }

  private void replica(int index, long timeline, long position) {
    answers(index, NodeRole.REPLICA, "ours", "run of " + index, timeline, position);
  }

  private void answers(
      int index, NodeRole role, String cluster, String run, long timeline, long position) {
    NodeStatus status =
        new NodeStatus(
            role,
            cluster,
            run,
            timeline == 0 ? OptionalLong.empty() : OptionalLong.of(timeline),
            position,
            true,
            Optional.empty());
    nodes.get(index).answered(new Sample(now, now, memories[index].complete(status)));
  }

  private void fails(int index) {
    nodes.get(index).failed();
  }

  @Test
  void beforeAnyAnswerThereIsNoPrimary() {
    Topology topology = judged();
    assertThat(topology.primary()).isNull();
    assertThat(topology.trouble())
        .isEqualTo("'a' does not answer, 'b' does not answer, 'c' does not answer");
    assertThat(topology.timeline()).isZero();
  }

  @Test
  void theFirstAnswerIsNotEnoughSinceItMayBeThatOfAnOldPrimary() {
    tried = false;
    primary(0, 1, 10);
    assertThat(judged().primary()).isNull();
    assertThat(judged().trouble())
        .isEqualTo("'a' takes writes, 'b' has not answered yet, 'c' has not answered yet");
    tried = true;
    assertThat(judged().primary()).isSameAs(nodes.get(0));
    tried = false;
    assertThat(judged().primary()).isSameAs(nodes.get(0));
  }

  @Test
  void theOneThatTakesWritesIsThePrimaryWhateverTheConfigurationSays() {
    replica(0, 1, 10);
    primary(1, 1, 10);
    replica(2, 1, 10);
    Topology topology = judged();
    assertThat(topology.primary()).isSameAs(nodes.get(1));
    assertThat(topology.timeline()).isEqualTo(1);
    assertThat(topology.trouble()).isNull();
    assertThat(topology.refused()).isZero();
    assertThat(judged()).isSameAs(topology);
  }

  @Test
  void aPromotedReplicaReplacesThePrimaryForGood() {
    primary(0, 1, 10);
    replica(1, 1, 8);
    replica(2, 1, 9);
    judged();
    primary(1, 2, 11);
    Topology promoted = judged();
    assertThat(promoted.primary()).isSameAs(nodes.get(1));
    assertThat(promoted.timeline()).isEqualTo(2);
    assertThat(promoted.refused()).isEqualTo(nodes.get(0).bit());
    assertThat(promoted.ends().carriesOver(1, 8, 2)).isTrue();
    assertThat(promoted.ends().carriesOver(1, 9, 2)).isFalse();
    fails(1);
    Topology alone = judged();
    assertThat(alone.primary()).isNull();
    assertThat(alone.trouble())
        .isEqualTo(
            "'a' takes writes, but on timeline 1, and timeline 2 was seen: a primary that was"
                + " replaced, and its successor does not answer");
  }

  @Test
  void aReplicaOnAHigherTimelineTellsThatThePrimaryWasReplaced() {
    primary(0, 1, 10);
    judged();
    replica(2, 2, 10);
    assertThat(judged().primary()).isNull();
  }

  @Test
  void twoOnOneTimelineAreNotWrittenTo() {
    primary(0, 2, 10);
    primary(1, 2, 10);
    replica(2, 2, 10);
    Topology topology = judged();
    assertThat(topology.primary()).isNull();
    assertThat(topology.trouble())
        .isEqualTo(
            "'a' and 'b' all take writes on timeline 2: a split brain. Nothing is written until all"
                + " but one are stopped");
    assertThat(topology.refused()).isEqualTo(nodes.get(0).bit() | nodes.get(1).bit());
    fails(0);
    assertThat(judged().primary()).isSameAs(nodes.get(1));
  }

  @Test
  void oneServerUnderTwoNamesIsOne() {
    primary(0, 2, 10);
    answers(1, NodeRole.PRIMARY, "ours", "run of 0", 2, 10);
    replica(2, 2, 10);
    Topology topology = judged();
    assertThat(topology.primary()).isSameAs(nodes.get(0));
    assertThat(topology.refused()).isEqualTo(nodes.get(1).bit());
    fails(0);
    assertThat(judged().primary()).isSameAs(nodes.get(1));
    assertThat(judged().refused()).isZero();
  }

  @Test
  void aServerOfAnotherClusterIsRefused() {
    primary(0, 1, 10);
    answers(1, NodeRole.PRIMARY, "theirs", "their run", 9, 10);
    answers(2, NodeRole.REPLICA, "theirs", "their run 2", 9, 10);
    Topology topology = judged();
    assertThat(topology.primary()).isSameAs(nodes.get(0));
    assertThat(topology.timeline()).isEqualTo(1);
    assertThat(topology.refused()).isEqualTo(nodes.get(1).bit() | nodes.get(2).bit());
    fails(0);
    assertThat(judged().primary()).isNull();
    assertThat(judged().trouble())
        .isEqualTo(
            "'a' does not answer, 'b' is of another cluster (theirs, not ours), 'c' is of another"
                + " cluster (theirs, not ours)");
  }

  @Test
  void untilThereWasAPrimaryMostDecideWhichClusterItIs() {
    answers(1, NodeRole.PRIMARY, "theirs", "their run", 9, 10);
    fails(0);
    fails(2);
    // nothing says yet that it is not ours
    replica(2, 1, 5);
    replica(0, 1, 5);
    assertThat(judged().primary()).isNull();
    assertThat(judged().refused()).isEqualTo(nodes.get(1).bit());
    assertThat(judged().timeline()).isEqualTo(1);
    primary(0, 1, 6);
    assertThat(judged().primary()).isSameAs(nodes.get(0));
  }

  @Test
  void aTimelineThatWasSeenBeforeThereWasAPrimaryIsNotForgotten() {
    primary(0, 1, 10);
    replica(1, 2, 10);
    assertThat(judged().primary()).isNull();
    answers(1, NodeRole.REPLICA, "ours", "cloned from the old primary", 1, 10);
    assertThat(judged().primary()).isNull();
    assertThat(judged().timeline()).isEqualTo(2);
  }

  @Test
  void aTimelineThatATokenTellsOfIsNotGoneBehind() {
    primary(0, 1, 10);
    judged();
    verdict = verdict.claiming(2);
    Topology topology = judged();
    assertThat(topology.primary()).isNull();
    assertThat(topology.timeline()).isEqualTo(2);
    assertThat(topology.trouble()).contains("timeline 2 is in a token");
    assertThat(verdict.seen()).isEqualTo(1);
    primary(1, 2, 10);
    assertThat(judged().primary()).isSameAs(nodes.get(1));
  }

  @Test
  void aTimelineThatIsRememberedIsNotGoneBehind() {
    remembered.put("ours", 3L);
    remembered.put("theirs", 8L);
    primary(0, 1, 10);
    assertThat(judged().primary()).isNull();
    assertThat(judged().timeline()).isEqualTo(3);
    primary(1, 3, 10);
    assertThat(judged().primary()).isSameAs(nodes.get(1));
  }

  @Test
  void anOldAnswerIsNone() {
    primary(0, 1, 10);
    now += DOWN_AFTER;
    assertThat(judged().primary()).isSameAs(nodes.get(0));
    now++;
    Topology topology = judged();
    assertThat(topology.primary()).isNull();
    assertThat(topology.trouble()).startsWith("'a' takes writes");
  }

  @Test
  void anotherRunMayHaveAnotherHistoryUnderTheSameNumber() {
    primary(0, 1, 10);
    replica(1, 1, 9);
    judged();
    primary(1, 2, 20);
    fails(0);
    TimelineEnds ends = judged().ends();
    fails(1);
    assertThat(judged().ends()).isEqualTo(ends);
    primary(1, 2, 25);
    assertThat(judged().ends()).isEqualTo(ends);
    answers(1, NodeRole.PRIMARY, "ours", "another run of 1", 2, 30);
    assertThat(judged().ends()).isEqualTo(TimelineEnds.of(2));
  }

  @Test
  void nothingIsLearnedOfAHistoryThatWasNotSeen() {
    primary(0, 1, 10);
    replica(1, 1, 9);
    judged();
    primary(1, 3, 20); // another promotion in between, somewhere
    assertThat(judged().ends()).isEqualTo(TimelineEnds.of(3));
  }

  @Test
  void aServerWithoutTimelinesIsThePrimaryWhileItIsTheOnlyOne() {
    primary(0, 0, 0);
    replica(1, 0, 0);
    assertThat(judged().primary()).isSameAs(nodes.get(0));
    fails(0);
    primary(1, 0, 0);
    assertThat(judged().primary()).isSameAs(nodes.get(1));
  }
}
