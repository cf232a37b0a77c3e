package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The order of tests, each with its reason, and the shares that come of it. */
class ReadChooserTest {

  private final ReplicaFleet fleet = ReplicaFleet.of(3);

  private Map<String, Integer> shares(ReadChooser chooser, int reads) {
    Map<String, Integer> shares = new TreeMap<>();
    for (int read = 0; read < reads; read++) {
      Choice choice = chooser.choose(fleet.topology(), ReadNeed.ANY, 0, fleet.time.nanoTime());
      shares.merge(String.valueOf(choice.node()), 1, Integer::sum);
    }
    return shares;
  }

  @Test
  void aStrongReadIsForThePrimary() {
    Choice choice = fleet.choose(new ReadNeed(Consistency.STRONG, null));

    assertThat(choice).isEqualTo(new Choice(null, RouteReason.STRONG, null));
  }

  @Test
  void withoutReplicasThereIsNothingToChoose() {
    Choice choice = ReplicaFleet.of(0).choose(ReadNeed.ANY);

    assertThat(choice).isEqualTo(new Choice(null, RouteReason.NO_REPLICAS, null));
  }

  @Test
  void spreadsOverReplicasAndLeavesThePrimaryAlone() {
    assertThat(shares(fleet.chooser(null), 300)).containsOnlyKeys("node-1", "node-2", "node-3");
    assertThat(fleet.choose(ReadNeed.ANY).reason()).isEqualTo(RouteReason.FRESH);
  }

  @Test
  void choicesAreMadeOnce() {
    ReadChooser chooser = fleet.chooser(null);
    fleet.tried = 0b0110;
    Choice one = chooser.choose(fleet.topology(), ReadNeed.ANY, fleet.tried, 0);

    assertThat(chooser.choose(fleet.topology(), ReadNeed.ANY, fleet.tried, 0)).isSameAs(one);
  }

  @Test
  void nodesThatAreDownRefusedTriedOrWritersAreLeftOut() {
    fleet.nodes.get(1).failed();
    fleet.refused = fleet.nodes.get(2).bit();
    assertThat(shares(fleet.chooser(null), 50)).containsOnlyKeys("node-3");

    fleet.tried = fleet.nodes.get(3).bit();
    assertThat(fleet.choose(ReadNeed.ANY))
        .isEqualTo(new Choice(null, RouteReason.SPILLED_DOWN, null));

    fleet.tried = 0;
    fleet.primary = null;
    fleet.answers(3, NodeRole.PRIMARY, OptionalLong.of(1), 1, true, Optional.empty());
    assertThat(fleet.choose(ReadNeed.ANY).reason()).isEqualTo(RouteReason.SPILLED_DOWN);
  }

  @Test
  void onlyFreshOnesAreChosen() {
    fleet.replica(2, 1, 2000);
    assertThat(fleet.choose(ReplicaFleet.after(1, 1500)).node()).hasToString("node-2");
  }

  @Test
  void ifNoneIsFreshTheBestIsAskedAndOfThoseThatAreLateTheNearest() {
    fleet.replica(2, 1, 2000);
    fleet.ends = TimelineEnds.NONE.with(1, 500);
    fleet.replica(3, 2, 9000);
    ReadNeed need = ReplicaFleet.after(1, 2001);
    fleet.nodes.get(2).load().began();
    assertThat(fleet.choose(need)).isEqualTo(toAsk(1));

    fleet.nodes.get(1).late(2001);
    assertThat(fleet.choose(need)).isEqualTo(toAsk(2));
    fleet.nodes.get(2).stuckAt(2000);
    fleet.nodes.get(1).load().answered(1, fleet.time.nanoTime());
    assertThat(fleet.choose(need)).isEqualTo(toAsk(2));

    fleet.tried = 0b0100;
    assertThat(fleet.choose(need)).isEqualTo(toAsk(1));
  }

  private Choice toAsk(int node) {
    return new Choice(null, RouteReason.SPILLED_LAGGING, fleet.nodes.get(node));
  }

  @Test
  void aFullNodeOrOneThatManyWaitForIsNotAskedWhereAnotherIs() {
    ReadNeed need = ReplicaFleet.after(1, 2001);
    fleet.nodes.get(1).waiters().drainPermits();
    for (int work = 0; work < 10; work++) {
      fleet.nodes.get(2).load().began();
    }
    fleet.nodes.get(3).load().answered(90_000_000, fleet.time.nanoTime());
    assertThat(fleet.choose(need)).isEqualTo(toAsk(3));
  }

  @Test
  void aFreshNodeThatIsFullLosesToOneToAsk() {
    fleet.replica(2, 1, 3000);
    ReadNeed need = ReplicaFleet.after(1, 2000);
    assertThat(fleet.choose(need).node()).hasToString("node-2");
    for (int work = 0; work < 10; work++) {
      fleet.nodes.get(2).load().began();
    }
    assertThat(fleet.choose(need).toAsk()).isIn(fleet.nodes.get(1), fleet.nodes.get(3));
  }

  @Test
  void whoHasWaitedInVainWaitsForNoneThatIsKnownToBeBehind() {
    ReadChooser chooser = fleet.chooser(null);
    ReadNeed need = ReplicaFleet.after(1, 2000);
    fleet.nodes.get(1).late(2000);
    long now = fleet.time.nanoTime();
    assertThat(chooser.choose(fleet.topology(), need, 0b0100, false, now)).isEqualTo(toAsk(3));
    assertThat(chooser.choose(fleet.topology(), need, 0b1100, false, now))
        .isEqualTo(new Choice(null, RouteReason.SPILLED_LAGGING, null));
  }

  @Test
  void aLagThatIsOnlyOldIsAskedForBeforeOneThatIsNot() {
    Duration bound = Duration.ofSeconds(1);
    fleet.answers(
        1, NodeRole.REPLICA, OptionalLong.of(1), 900, true, Optional.of(Duration.ofSeconds(9)));
    fleet.answers(2, NodeRole.REPLICA, OptionalLong.of(1), 800, true, Optional.of(Duration.ZERO));
    fleet.tried = 0b1000;
    fleet.time.advance(Duration.ofMillis(1_001));

    assertThat(fleet.choose(ReplicaFleet.within(bound))).isEqualTo(toAsk(2));
  }

  @Test
  void whatIsOnAnotherHistoryIsNotWaitedFor() {
    Choice choice = fleet.choose(ReplicaFleet.after(2, 1));

    assertThat(choice).isEqualTo(new Choice(null, RouteReason.SPILLED_LAGGING, null));
  }

  @Test
  void aStaleAnswerIsNamedSo() {
    ReadChooser chooser = fleet.chooser(null);
    Choice choice = chooser.chooseStale(fleet.topology(), 0b0110, fleet.time.nanoTime());
    assertThat(choice).isEqualTo(new Choice(fleet.nodes.get(3), RouteReason.STALE, null));

    assertThat(chooser.chooseStale(fleet.topology(), 0b1110, fleet.time.nanoTime()).reason())
        .isEqualTo(RouteReason.SPILLED_DOWN);
  }

  @Test
  void anEjectedNodeIsLeftAloneUntilItsTrials() {
    fleet.ejected(1);
    assertThat(shares(fleet.chooser(null), 100)).containsOnlyKeys("node-2", "node-3");

    fleet.time.advance(Duration.ofSeconds(1));
    Map<String, Integer> shares = shares(fleet.chooser(null), 100);

    assertThat(shares).containsEntry("node-1", 3);
  }

  @Test
  void aTrialIsNamedSo() {
    fleet.ejected(1);
    fleet.tried = 0b1100;
    fleet.time.advance(Duration.ofSeconds(1));
    for (int trial = 0; trial < 3; trial++) {
      assertThat(fleet.choose(ReadNeed.ANY))
          .isEqualTo(new Choice(fleet.nodes.get(1), RouteReason.FRESH, null, true));
    }
    fleet.nodes.get(1).health().trialSaidNothing(fleet.nodes.get(1).health().round());
    assertThat(fleet.choose(ReadNeed.ANY).trial()).isTrue();
    assertThat(fleet.choose(ReadNeed.ANY).node()).isNull();
  }

  @Test
  void atMostHalfAreEjectedTheFirstOnes() {
    for (int index = 1; index <= 3; index++) {
      fleet.ejected(index);
      fleet.time.advance(Duration.ofMillis(1));
    }

    assertThat(shares(fleet.chooser(null), 100)).containsOnlyKeys("node-2", "node-3");
  }

  @Test
  void theOnlyReplicaIsNeverEjected() {
    fleet.nodes.get(2).failed();
    fleet.nodes.get(3).failed();
    fleet.ejected(1);

    assertThat(fleet.choose(ReadNeed.ANY).node()).hasToString("node-1");
  }

  @Test
  void aBackupServesOnlyWhenNoOtherIsLeft() {
    fleet.add(1, null, true, 10);
    assertThat(shares(fleet.chooser(null), 100)).doesNotContainKey("node-4");

    fleet.replica(4, 1, 3000);
    ReadNeed need = ReplicaFleet.after(1, 2000);
    assertThat(fleet.choose(need).toAsk()).isIn(fleet.nodes.subList(1, 4));

    for (int index = 1; index <= 3; index++) {
      fleet.nodes.get(index).late(2000);
    }
    Choice backup = new Choice(fleet.nodes.get(4), RouteReason.BACKUP, null);
    assertThat(fleet.choose(need)).isEqualTo(backup);

    fleet.replica(3, 1, 1999);
    assertThat(fleet.choose(need)).isEqualTo(backup);
    fleet.nodes.get(3).late(1999);
    assertThat(fleet.choose(need)).isEqualTo(toAsk(3));
    fleet.tried = 0b1000;
    assertThat(fleet.choose(need)).isEqualTo(backup);
  }

  @Test
  void aBackupIsAskedLast() {
    fleet.add(1, null, true, 10);
    fleet.replica(4, 1, 1900);
    ReadNeed need = ReplicaFleet.after(1, 2000);
    for (int index = 1; index <= 4; index++) {
      fleet.nodes.get(index).late(2000);
    }
    assertThat(fleet.choose(need).toAsk()).isIn(fleet.nodes.subList(1, 4));
    fleet.tried = 0b1110;
    assertThat(fleet.choose(need)).isEqualTo(toAsk(4));
  }

  @Test
  void theOwnZoneIsPreferredWhileItHasRoom() {
    ReplicaFleet zoned = ReplicaFleet.empty();
    zoned.add(1, "west", false, 2);
    zoned.add(1, "east", false, 2);
    zoned.add(1, "east", false, 2);
    ReadChooser chooser = zoned.chooser("west");
    for (int read = 0; read < 2; read++) {
      Node node = chooser.choose(zoned.topology(), ReadNeed.ANY, 0, 0).node();
      assertThat(node).hasToString("node-0");
      node.load().began();
    }
    assertThat(chooser.choose(zoned.topology(), ReadNeed.ANY, 0, 0).node())
        .isIn(zoned.nodes.get(1), zoned.nodes.get(2));

    assertThat(zoned.chooser("north").choose(zoned.topology(), ReadNeed.ANY, 0, 0).node())
        .isNotNull();
  }

  @Test
  void aFullPoolLosesToOneWithRoom() {
    fleet.tried = 0b0010;
    fleet.nodes.get(2).load().answered(1_000_000, fleet.time.nanoTime());
    fleet.nodes.get(3).load().answered(90_000_000, fleet.time.nanoTime());
    assertThat(fleet.choose(ReadNeed.ANY).node()).hasToString("node-2");

    for (int work = 0; work < 10; work++) {
      fleet.nodes.get(2).load().began();
    }
    assertThat(fleet.choose(ReadNeed.ANY).node()).hasToString("node-3");
  }

  @Test
  void whileOneLatencyIsUnknownWorkInFlightDecides() {
    fleet.tried = 0b0010;
    fleet.nodes.get(2).load().answered(90_000_000, fleet.time.nanoTime());
    fleet.nodes.get(3).load().began();

    assertThat(fleet.choose(ReadNeed.ANY).node()).hasToString("node-2");
  }

  /** Of 20,000 reads a share strays by more than 5 standard deviations once in 10^6 runs. */
  @Test
  void anIdleFleetIsUsedByWeight() {
    ReplicaFleet weighted = ReplicaFleet.empty();
    double[] weights = {1, 2, 5};
    for (double weight : weights) {
      weighted.add(weight, null, false, 10);
    }
    int reads = 20_000;
    int[] counts = new int[3];
    ReadChooser chooser = weighted.chooser(null);
    for (int read = 0; read < reads; read++) {
      counts[chooser.choose(weighted.topology(), ReadNeed.ANY, 0, 0).node().index()]++;
    }
    for (int node = 0; node < 3; node++) {
      double share = weights[node] / 8;
      double deviation = Math.sqrt(reads * share * (1 - share));
      assertThat((double) counts[node])
          .isBetween(reads * share - 5 * deviation, reads * share + 5 * deviation);
    }
  }

  /** Half of its share, 1/6 of the reads, by the same measure. */
  @Test
  void aNodeThatCameBackHasItsShareBitByBit() {
    fleet.nodes.get(1).load().returned(fleet.time.nanoTime());
    fleet.time.advance(ReplicaFleet.SLOW_START.dividedBy(2));

    int reads = 20_000;
    double deviation = Math.sqrt(reads * (1 / 6.0) * (5 / 6.0));
    assertThat((double) shares(fleet.chooser(null), reads).get("node-1"))
        .isBetween(reads / 6.0 - 5 * deviation, reads / 6.0 + 5 * deviation);
  }

  @Test
  void ifAllHaveJustComeBackTheyAreUsedAllTheSame() {
    fleet.nodes.forEach(node -> node.load().returned(fleet.time.nanoTime()));

    assertThat(shares(fleet.chooser(null), 200)).containsOnlyKeys("node-1", "node-2", "node-3");
  }
}
