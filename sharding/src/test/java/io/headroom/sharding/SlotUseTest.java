package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SlotUseTest {

  private static final ShardMap MAP = ShardMap.of("a", "b", "c", "d");

  /** Space-Saving's promises: no hot slot is missed, and no estimate is off by more than n / m. */
  @Property(tries = 60)
  void hotSlotsAreFoundWithinTheBound(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5_000) int slots,
      @ForAll @IntRange(min = 1, max = 30_000) int uses) {
    SlotUse use = new SlotUse(1);
    Random random = new Random(seed);
    Map<Integer, Integer> truth = new HashMap<>();
    for (int i = 0; i < uses; i++) {
      // squared twice: a few slots take most of it
      double skewed = Math.pow(random.nextDouble(), 4);
      int slot = (int) (skewed * slots);
      truth.merge(slot, 1, Integer::sum);
      use.record(slot);
    }
    List<HotSlot> hottest = use.hottest(MAP);
    Map<Integer, HotSlot> bySlot = new HashMap<>();
    for (HotSlot hot : hottest) {
      bySlot.put(hot.slot(), hot);
      double share = (double) truth.get(hot.slot()) / uses;
      assertThat(hot.share()).isGreaterThanOrEqualTo(share - 1e-12);
      assertThat(hot.share() - hot.error()).isLessThanOrEqualTo(share + 1e-12);
      assertThat(hot.error()).isLessThanOrEqualTo(1.0 / SlotUse.COUNTERS + 1e-12);
      assertThat(hot.shard()).isEqualTo(MAP.ownerOf(hot.slot()));
    }
    truth.forEach(
        (slot, count) -> {
          if (count > uses / SlotUse.COUNTERS) {
            assertThat(bySlot).containsKey(slot);
          }
        });
    assertThat(hottest).hasSizeLessThanOrEqualTo(SlotUse.COUNTERS);
    assertThat(use.uses()).isEqualTo(uses);
  }

  @Test
  void whatWasHotFades() {
    SlotUse use = new SlotUse(1);
    for (int i = 0; i < SlotUse.HALVE_AT; i++) {
      use.record(1);
    }
    assertThat(use.hottest(MAP).get(0).slot()).isEqualTo(1);
    for (int i = 0; i < 2 * SlotUse.HALVE_AT; i++) {
      use.record(2);
    }
    HotSlot hottest = use.hottest(MAP).get(0);
    assertThat(hottest.slot()).isEqualTo(2);
    assertThat(hottest.share()).isGreaterThan(0.7);
  }

  @Test
  void aSampleOfManyUsesIsEnough() {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP);
    for (int i = 0; i < 80_000; i++) {
      router.recordUse(i % 2 == 0 ? 77 : i % 1000);
    }
    HotSlot hottest = router.hotSlots().get(0);
    assertThat(hottest.slot()).isEqualTo(77);
    // the true share is a half; ten thousand samples are off by 0.05 once in 10^22
    assertThat(hottest.share()).isBetween(0.45, 0.56);
    router.update(MAP.doubled());
    assertThat(router.hotSlots()).isEmpty();
  }

  @Test
  void aPinsSlotCountsWhileThePinIsThere() {
    ShardMap pinned = MAP.withPin(1L, "b");
    SlotUse use = new SlotUse(1);
    use.record(ShardMap.FIRST_PINNED_SLOT);
    assertThat(use.hottest(pinned)).extracting(hot -> hot.shard().id()).containsExactly("b");
    assertThat(use.hottest(pinned.withoutPin(1L))).isEmpty();
  }

  @Test
  void aPlanCanWeighByUse() {
    ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("a", "b"));
    int hot = router.slotFor(42);
    String owner = router.map().ownerOf(hot).id();
    for (int i = 0; i < 20_000; i++) {
      router.recordUse(hot);
    }
    double[] loads = router.slotLoads().bySlot(router.map().slotCount());
    assertThat(loads[hot]).isEqualTo(1);
    RebalancePlan plan = router.map().rebalance(router.map().membership(), router.slotLoads());
    assertThat(plan.moveCount()).isPositive();
    assertThat(plan.moves()).filteredOn(move -> move.from().equals(owner)).isNotEmpty();
  }
}
