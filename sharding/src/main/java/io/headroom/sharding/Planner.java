package io.headroom.sharding;

import io.headroom.sharding.ShardColumns.Fields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes a {@link RebalancePlan}: checks what is asked, then plans block by block. */
final class Planner {

  private final ShardTable target;
  private final ShardTable union;
  private final int[] before;
  private final int[] after;
  private long leastMoves;

  private Planner(ShardMap map, Membership membership) {
    this.target = RebalancePlan.tableOf(membership.shards(), map);
    this.union = union(map, target);
    int[] there = map.table().ordinalsIn(union);
    this.before = MapEdits.translated(map.owners().toArray(), there);
    this.after = before.clone();
  }

  static RebalancePlan plan(ShardMap map, Membership membership, @Nullable SlotLoads loads) {
    refuseMotion(map);
    refuseMembership(map, membership.table());
    Planner planner = new Planner(map, membership);
    double[] loadBySlot = loads == null ? null : loads.bySlot(map.slotCount());
    int block = map.slotsPerRegion();
    for (int first = 0; first < map.slotCount(); first += block) {
      String region = map.regions().isEmpty() ? null : map.regions().get(first / block);
      planner.block(first, block, region, loadBySlot);
    }
    return new RebalancePlan(
        map,
        planner.target,
        planner.union,
        planner.before,
        planner.after,
        loads == null ? planner.exactly() : byLoad());
  }

  private String exactly() {
    return "exact balance, each shard's weighted share rounded down or up; no plan to it has fewer"
        + " moves than "
        + leastMoves;
  }

  private static String byLoad() {
    return String.format(
        Locale.ROOT,
        "balanced by measured load, each shard within %.0f %% of its weighted share, or, where"
            + " slots are too heavy for that, within the heaviest slot's load by the smallest"
            + " share",
        LoadBalance.TOLERANCE * 100);
  }

  private static void refuseMotion(ShardMap map) {
    int inMotion = map.states().inMotion().length;
    if (inMotion > 0) {
      int fenced = map.states().fencedCount();
      throw new ShardMapException(
          "no rebalance can be planned at epoch "
              + map.epoch()
              + " while "
              + (inMotion - fenced)
              + " slots are MOVING and "
              + fenced
              + " FENCED: complete their moves, or call them back by cancelMove(movingSlots())");
    }
  }

  private static void refuseMembership(ShardMap map, ShardTable target) {
    boolean active = false;
    for (int i = 0; i < target.size(); i++) {
      Fields shard = target.fields(i);
      active |= shard.state() == ShardState.ACTIVE;
      String region = shard.region();
      if (!map.regions().isEmpty() && (region == null || !map.regions().contains(region))) {
        throw new IllegalArgumentException(
            "shard '"
                + target.id(i)
                + "' is in region "
                + (region == null ? "none" : "'" + region + "'")
                + ", but the map's regions are "
                + map.regions()
                + ": put it into one of these");
      }
    }
    if (!active) {
      throw new IllegalArgumentException(
          "all "
              + target.size()
              + " shards of the membership are DRAINING: leave one ACTIVE to take the slots");
    }
    int[] there = map.table().ordinalsIn(target);
    boolean[] owning = owning(map);
    for (int i = 0; i < there.length; i++) {
      if (there[i] < 0) {
        MapEdits.refusePinned(map, i);
      } else if (owning[i] && !map.regions().isEmpty()) {
        refuseOtherRegion(map.table().shard(i), target.shard(there[i]));
      }
    }
  }

  private static void refuseOtherRegion(Shard now, Shard then) {
    String region = now.region();
    if (region != null && !region.equals(then.region())) {
      throw new IllegalArgumentException(
          "shard '"
              + now.id()
              + "' owns slots of region '"
              + region
              + "' and can't go to '"
              + then.region()
              + "': drain it first");
    }
  }

  private static boolean[] owning(ShardMap map) {
    boolean[] owning = new boolean[map.shardCount()];
    for (int owner : map.owners().toArray()) {
      owning[owner] = true;
    }
    return owning;
  }

  private static ShardTable union(ShardMap map, ShardTable target) {
    int[] there = map.table().ordinalsIn(target);
    boolean[] owning = owning(map);
    List<Shard> shards = new ArrayList<>(target.asList());
    for (int i = 0; i < there.length; i++) {
      if (there[i] < 0 && owning[i]) {
        shards.add(map.table().shard(i).withState(ShardState.DRAINING));
      }
    }
    return shards.size() == target.size() ? target : RebalancePlan.tableOf(shards, map);
  }

  private void block(int first, int slots, @Nullable String region, double @Nullable [] loads) {
    double[] weights = new double[union.size()];
    boolean any = false;
    for (int i = 0; i < weights.length; i++) {
      Fields shard = union.fields(i);
      boolean takes =
          shard.state() == ShardState.ACTIVE && (region == null || region.equals(shard.region()));
      weights[i] = takes ? shard.weight() : 0;
      any |= takes;
    }
    if (!any) {
      throw new IllegalArgumentException(
          "region '" + region + "' has no ACTIVE shard that could own its slots: add one");
    }
    if (loads == null) {
      byCount(first, slots, weights);
    } else {
      int[] owner = Arrays.copyOfRange(after, first, first + slots);
      new LoadBalance(first, Arrays.copyOfRange(loads, first, first + slots), owner, weights).run();
      System.arraycopy(owner, 0, after, first, slots);
    }
  }

  private void byCount(int first, int slots, double[] weights) {
    int[] goal = goal(first, slots, weights);
    int[] count = new int[goal.length];
    for (int slot = first; slot < first + slots; slot++) {
      count[before[slot]]++;
    }
    // Each shard gives up its last slots, and the shards that lack some are filled one by one: so
    // ranges stay long, and the map readable.
    boolean[] leaves = new boolean[slots];
    for (int slot = first + slots - 1; slot >= first; slot--) {
      int owner = before[slot];
      if (count[owner] > goal[owner]) {
        count[owner]--;
        leaves[slot - first] = true;
      }
    }
    int receiver = 0;
    for (int slot = first; slot < first + slots; slot++) {
      if (leaves[slot - first]) {
        while (count[receiver] >= goal[receiver]) {
          receiver++;
        }
        count[receiver]++;
        after[slot] = receiver;
      }
    }
  }

  /** Slots that each shard is to have in this block, by ordinal. */
  private int[] goal(int first, int slots, double[] weights) {
    int[] takers = new int[weights.length];
    int taking = 0;
    int[] current = new int[weights.length];
    for (int slot = first; slot < first + slots; slot++) {
      current[before[slot]]++;
    }
    double[] takerWeights = new double[weights.length];
    int[] takerSlots = new int[weights.length];
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        takers[taking] = i;
        takerWeights[taking] = weights[i];
        takerSlots[taking++] = current[i];
      }
    }
    Quotas quotas =
        Quotas.of(slots, Arrays.copyOf(takerWeights, taking), Arrays.copyOf(takerSlots, taking));
    leastMoves += quotas.leastMoves();
    int[] goal = new int[weights.length];
    for (int i = 0; i < taking; i++) {
      goal[takers[i]] = quotas.counts()[i];
    }
    return goal;
  }
}
