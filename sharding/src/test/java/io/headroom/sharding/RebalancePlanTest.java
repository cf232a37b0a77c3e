package io.headroom.sharding;

import static io.headroom.sharding.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plans to read, and the memberships and loads that they are made from. */
class RebalancePlanTest {

  private static final ShardMap MAP = ShardMap.of("a", "b", "c");

  @Test
  void aPlanReadsWell() {
    ShardMap map = ShardMap.ofOwners(List.of("a", "a", "a", "a", "b", "b", "b", "b"));
    RebalancePlan plan = map.rebalance(map.membership().with(Shard.of("large-c").withWeight(2)));
    assertThat(plan.moves())
        .containsExactly(
            new SlotMove(2, "a", "large-c"),
            new SlotMove(3, "a", "large-c"),
            new SlotMove(6, "b", "large-c"),
            new SlotMove(7, "b", "large-c"));
    assertThat(plan.shareMoved()).isEqualTo(0.5);
    assertThat(plan.source()).isSameAs(map);
    assertThat(plan).hasToString("RebalancePlan[from epoch 1, 4 moves]");
    assertThat(plan.toTable())
        .isEqualTo(
            """
            shard       weight   before    after     share   → share       in      out
            a                1        4        2  50.000 %  25.000 %                -2
            b                1        4        2  50.000 %  25.000 %                -2
            large-c          2        0        4   0.000 %  50.000 %       +4        \s
            4 of 8 slots move, 50.000 % of the key space; exact balance, each shard's weighted share\
             rounded down or up; no plan to it has fewer moves than 4
            """);
  }

  @Test
  void aLongPlanIsSummarised() {
    ShardMapBuilder builder = ShardMap.builder().slots(1024);
    for (int i = 0; i < 300; i++) {
      builder.shard("s" + i);
    }
    RebalancePlan plan = builder.build().rebalance(Membership.of("s1", "s2"));
    assertThat(plan.toTable().lines()).hasSizeBetween(20, 45);
    assertThat(plan.toTable()).contains(" more shards: ");
    assertThat(plan.moves()).hasSize(plan.moveCount());
  }

  @Test
  void loadsAreChecked() {
    refused(() -> SlotLoads.of(Map.of(1, -1.0), 0), "the load of slot 1 is -1.0");
    refused(() -> SlotLoads.of(Map.of(), Double.NaN), "the load of the others is NaN");
    refused(() -> SlotLoads.of(Map.of(-1, 1.0), 0), "slot -1 has a load: slots begin at 0");
    RebalancePlan plan = MAP.rebalance(MAP.membership(), SlotLoads.of(Map.of(), 0));
    assertThat(plan.toTable()).contains("balanced by measured load");
  }

  @Test
  void theUnitOfLoadsDoesNotMatterHoweverLargeOrSmall() {
    Membership target = MAP.membership().with(Shard.of("d").withWeight(1e15));
    List<SlotMove> moves = MAP.rebalance(target, loads(1)).moves();
    assertThat(moves).isNotEmpty();
    for (double unit : new double[] {0x1p1015, 0x1p-1000, 0x1p-1040}) {
      assertThat(MAP.rebalance(target, loads(unit)).moves()).isEqualTo(moves);
    }
  }

  private static SlotLoads loads(double unit) {
    Map<Integer, Double> measured = new HashMap<>();
    for (int slot = 0; slot < MAP.slotCount(); slot++) {
      measured.put(slot, unit * (1 + slot % 16));
    }
    return SlotLoads.of(measured, 0);
  }

  @Test
  void membershipIsAValue() {
    Membership one = Membership.of("a", "b");
    assertThat(one).isEqualTo(Membership.of("b", "a")).hasSameHashCodeAs(Membership.of("b", "a"));
    assertThat(one).isNotEqualTo(one.draining("a")).isNotEqualTo(one.with(Shard.of("c")));
    assertThat(one.toString()).contains("id=a", "id=b");
    refused(() -> Membership.of("a").without("a"), "no shards");
    refused(() -> Membership.of("a", "a"), "given twice");
  }
}
