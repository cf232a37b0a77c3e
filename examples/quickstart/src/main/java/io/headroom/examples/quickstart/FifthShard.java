package io.headroom.examples.quickstart;

import io.headroom.sharding.Membership;
import io.headroom.sharding.RebalancePlan;
import io.headroom.sharding.Shard;
import java.util.List;
import java.util.Locale;

/** What it would take to add a shard with twice the weight of the others. */
final class FifthShard {

  private static final String NAME = "shard-4";
  private static final int WEIGHT = 2;

  private FifthShard() {}

  /** Shows the plan; nothing moves. */
  static List<Check> plan(Fleet fleet, Screen screen) {
    screen.stage("Plan for a fifth shard with twice the weight (nothing moves yet)");
    Membership target = fleet.router().map().membership().with(Shard.of(NAME).withWeight(WEIGHT));
    RebalancePlan plan = fleet.router().map().rebalance(target);
    plan.toTable().lines().forEach(line -> screen.line("   %s".formatted(line)));
    double itsShare = (double) WEIGHT / (Fleet.SHARDS + WEIGHT) * fleet.router().map().slotCount();
    return List.of(
        new Check(
            "the plan moves slots to the fifth shard only",
            plan.moves().stream().allMatch(move -> move.to().equals(NAME)),
            "%s moves".formatted(Screen.count(plan.moveCount()))),
        new Check(
            "the fifth shard gets its weighted share within one slot",
            Math.abs(plan.moveCount() - itsShare) <= 1,
            String.format(Locale.ROOT, "%s of %.1f", Screen.count(plan.moveCount()), itsShare)));
  }
}
