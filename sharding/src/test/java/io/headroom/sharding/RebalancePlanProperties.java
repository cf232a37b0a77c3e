package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Laws 3, 4 and 5 of plans: exact balance, fewest moves, pins stay. */
class RebalancePlanProperties {

  /** A map at rest and a membership that shares some shards with it. */
  private record Change(ShardMap map, Membership target) {}

  private static Change change(long seed) {
    Random random = new Random(seed);
    ShardMap map = ShardMaps.map(random);
    map = map.completeMove(map.movingSlots());
    List<Shard> target = new ArrayList<>();
    for (Shard shard : map.shards()) {
      boolean pinned = map.pins().stream().anyMatch(pin -> pin.owner().equals(shard.id()));
      if (pinned || random.nextInt(4) > 0) {
        target.add(random.nextInt(4) == 0 ? shard.withWeight(1 + random.nextInt(4)) : shard);
      }
    }
    List<String> regions = map.regions();
    for (int i = Math.max(1, regions.size()) + random.nextInt(3); i > 0; i--) {
      String region = regions.isEmpty() ? null : regions.get(i % regions.size());
      target.add(Shard.of("new-" + i).withRegion(region));
    }
    return new Change(map, Membership.of(target));
  }

  @Property(tries = 500)
  void everyShardGetsItsShareRoundedDownOrUp(@ForAll long seed) {
    Change change = change(seed);
    ShardMap after = change.map.rebalance(change.target).assign();
    int block = after.slotsPerRegion();
    int[] counts = ShardMaps.counts(after);
    for (int i = 0; i < counts.length; i++) {
      Shard shard = after.shardAt(i);
      BigDecimal quota = quota(shard, after.shards(), !after.regions().isEmpty(), block);
      assertThat(BigDecimal.valueOf(counts[i]).subtract(quota).abs())
          .as("%s has %s for %s", shard, counts[i], quota)
          .isLessThan(BigDecimal.ONE);
    }
  }

  private static BigDecimal quota(Shard shard, List<Shard> all, boolean regional, int block) {
    if (shard.state() == ShardState.DRAINING) {
      return BigDecimal.ZERO;
    }
    BigDecimal sum = BigDecimal.ZERO;
    for (Shard other : all) {
      if (other.state() == ShardState.ACTIVE
          && (!regional || String.valueOf(shard.region()).equals(other.region()))) {
        sum = sum.add(Decimals.shortest(other.weight()));
      }
    }
    return Decimals.shortest(shard.weight())
        .multiply(BigDecimal.valueOf(block))
        .divide(sum, MathContext.DECIMAL128);
  }

  @Property(tries = 500)
  void noBalanceIsReachedWithFewerMoves(@ForAll long seed) {
    Random random = new Random(seed);
    int slots = 1 + random.nextInt(40);
    int shards = 1 + random.nextInt(9);
    List<String> owners = new ArrayList<>();
    for (int slot = 0; slot < slots; slot++) {
      owners.add("s" + random.nextInt(shards));
    }
    ShardMap map = ShardMap.ofOwners(owners);
    List<Shard> target = new ArrayList<>();
    for (int i = random.nextInt(3); i < shards + 2; i++) {
      target.add(Shard.of("s" + i).withWeight(1 + random.nextInt(3)));
    }
    RebalancePlan plan = map.rebalance(Membership.of(target));
    assertThat(plan.moveCount()).isEqualTo(fewestMoves(map, target));
    assertThat(plan.toTable()).contains("fewer moves than " + plan.moveCount());
  }

  /** By trying which shards are rounded up, all ways. */
  private static int fewestMoves(ShardMap map, List<Shard> target) {
    int slots = map.slotCount();
    int total = target.stream().mapToInt(shard -> (int) shard.weight()).sum();
    int fewest = Integer.MAX_VALUE;
    for (int up = 0; up < 1 << target.size(); up++) {
      int given = 0;
      int kept = 0;
      boolean allowed = true;
      for (int i = 0; i < target.size(); i++) {
        int scaled = slots * (int) target.get(i).weight();
        int goal = scaled / total + (up >> i & 1);
        allowed &= (up >> i & 1) == 0 || scaled % total != 0;
        given += goal;
        kept += Math.min(goal, slotsOf(map, target.get(i).id()));
      }
      if (allowed && given == slots) {
        fewest = Math.min(fewest, slots - kept);
      }
    }
    return fewest;
  }

  private static int slotsOf(ShardMap map, String id) {
    int count = 0;
    for (int slot = 0; slot < map.slotCount(); slot++) {
      count += map.ownerOf(slot).id().equals(id) ? 1 : 0;
    }
    return count;
  }

  @Property(tries = 300)
  void startingAndCompletingLeadsWhereAssigningDoes(@ForAll long seed) {
    Change change = change(seed);
    RebalancePlan plan = change.map.rebalance(change.target);
    ShardMap started = plan.start();
    assertThat(started.epoch()).isEqualTo(change.map.epoch() + 1);
    assertThat(started.movingSlots())
        .containsExactly(plan.moves().stream().mapToInt(SlotMove::slot).toArray());
    for (int slot = 0; slot < started.slotCount(); slot++) {
      assertThat(started.ownerOf(slot).id()).isEqualTo(change.map.ownerOf(slot).id());
    }
    for (SlotMove move : plan.moves()) {
      SlotStatus status = started.slotStatus(move.slot());
      assertThat(status.state()).isEqualTo(SlotState.MOVING);
      assertThat(status.owner()).isEqualTo(move.from());
      assertThat(status.target()).isEqualTo(move.to());
      assertThat(status.version()).isEqualTo(change.map.slotVersion(move.slot()) + 1);
    }
    ShardMap completed = started.completeMove(started.movingSlots());
    ShardMap assigned = plan.assign();
    for (int slot = 0; slot < completed.slotCount(); slot++) {
      assertThat(completed.ownerOf(slot)).isEqualTo(assigned.ownerOf(slot));
    }
    assertThat(assigned.membership()).isEqualTo(change.target);
    RebalancePlan again = completed.rebalance(change.target);
    assertThat(again.moveCount()).isZero();
    assertThat(again.start().membership()).isEqualTo(change.target);
    ShardMap calledBack = started.cancelMove(started.movingSlots());
    assertThat(calledBack.hasMovingSlots()).isFalse();
  }

  @Property(tries = 300)
  void pinsStayAndThePlanIsAFunction(@ForAll long seed) {
    Change change = change(seed);
    RebalancePlan plan = change.map.rebalance(change.target);
    assertThat(change.map.rebalance(change.target).moves()).isEqualTo(plan.moves());
    assertThat(plan.start().pins()).isEqualTo(change.map.pins());
    assertThat(plan.assign().pins()).isEqualTo(change.map.pins());
    int in = 0;
    int out = 0;
    for (PlannedShard shard : plan.shards()) {
      assertThat(shard.slotsAfter()).isEqualTo(shard.slotsBefore() + shard.in() - shard.out());
      in += shard.in();
      out += shard.out();
    }
    assertThat(in).isEqualTo(plan.moveCount());
    assertThat(out).isEqualTo(plan.moveCount());
  }

  @Property(tries = 300)
  void byLoadEveryShardEndsWithinTheStatedBound(@ForAll long seed) {
    Random random = new Random(seed);
    int slots = 64 << random.nextInt(4);
    ShardMapBuilder builder = ShardMap.builder().slots(slots);
    int shards = 1 + random.nextInt(6);
    for (int i = 0; i < shards; i++) {
      builder.shard("s" + i, 1 + random.nextInt(3));
    }
    ShardMap map = builder.build();
    Membership target = map.membership().with(Shard.of("new").withWeight(2));
    if (random.nextBoolean()) {
      target = target.draining("s0");
    }
    Map<Integer, Double> loads = new HashMap<>();
    double total = 0;
    double heaviest = 0;
    for (int slot = 0; slot < slots; slot++) {
      double load = 1 + Math.pow(random.nextDouble(), 8) * 500;
      loads.put(slot, load);
      total += load;
      heaviest = Math.max(heaviest, load);
    }
    RebalancePlan plan = map.rebalance(target, SlotLoads.of(loads, 0));
    assertThat(map.rebalance(target, SlotLoads.of(loads, 0)).moves()).isEqualTo(plan.moves());
    ShardMap after = plan.assign();
    double[] held = new double[after.shardCount()];
    loads.forEach((slot, load) -> held[after.ownerOrdinal(slot)] += load);
    double weights = 0;
    double lightest = Double.MAX_VALUE;
    for (PlannedShard shard : plan.shards()) {
      weights += shard.weight();
      lightest = shard.weight() == 0 ? lightest : Math.min(lightest, shard.weight());
    }
    // An idle slot counts for 1/64 of the average: that much, at most, beyond the bound.
    double bound = Math.max(0.05, heaviest / (total * lightest / weights)) * 1.03 + 0.02;
    for (int i = 0; i < held.length; i++) {
      double share = total * plan.shards().get(i).weight() / weights;
      if (share == 0) {
        assertThat(held[i]).isZero();
      } else {
        assertThat(Math.abs(held[i] - share) / share).isLessThanOrEqualTo(bound);
      }
    }
  }
}
