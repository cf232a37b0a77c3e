package io.headroom.sharding;

import io.headroom.sharding.ShardColumns.Fields;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What to move so that the slots are balanced over a membership: to read before anything moves.
 *
 * <pre>{@code
 * RebalancePlan plan = map.rebalance(map.membership().with(Shard.of("orders-5").withWeight(2)));
 * System.out.println(plan.toTable());
 * ShardMap moving = plan.start(); // or plan.assign(), where there are no rows yet
 * }</pre>
 *
 * <p>A plan by weights is exact: each shard gets its weighted share of the slots, rounded down or
 * up, with the fewest moves that reach this; each region's block for itself. Pins stay where they
 * are. A plan is a pure function of the map and the membership.
 *
 * <p>Immutable and thread-safe.
 */
public final class RebalancePlan {

  private final ShardMap source;
  private final ShardTable target;

  /** The shards of the target, and those removed that still own slots. */
  private final ShardTable union;

  /** By slot, ordinals in the union. */
  private final int[] before;

  private final int[] after;
  private final int[] moved;
  private final String basis;

  RebalancePlan(
      ShardMap source,
      ShardTable target,
      ShardTable union,
      int[] before,
      int[] after,
      String basis) {
    this.source = source;
    this.target = target;
    this.union = union;
    this.before = before;
    this.after = after;
    this.basis = basis;
    int[] slots = new int[after.length];
    int count = 0;
    for (int slot = 0; slot < after.length; slot++) {
      if (before[slot] != after[slot]) {
        slots[count++] = slot;
      }
    }
    this.moved = Arrays.copyOf(slots, count);
  }

  /**
   * The map that this plan starts from.
   *
   * @return the map
   */
  public ShardMap source() {
    return source;
  }

  /**
   * Every move, in the order of the slots.
   *
   * @return an unmodifiable view
   */
  public List<SlotMove> moves() {
    return new View<>(moved.length, i -> move(moved[i]));
  }

  private SlotMove move(int slot) {
    return new SlotMove(slot, union.id(before[slot]), union.id(after[slot]));
  }

  /**
   * The number of moves.
   *
   * @return 0 if the map is balanced already
   */
  public int moveCount() {
    return moved.length;
  }

  /**
   * The share of the key space that moves.
   *
   * @return 0 to 1
   */
  public double shareMoved() {
    return (double) moved.length / after.length;
  }

  /**
   * What the plan means for each shard of the map or the membership, sorted by id.
   *
   * @return an unmodifiable list
   */
  public List<PlannedShard> shards() {
    int size = union.size();
    int[] slotsBefore = new int[size];
    int[] slotsAfter = new int[size];
    int[] in = new int[size];
    int[] out = new int[size];
    for (int slot = 0; slot < after.length; slot++) {
      slotsBefore[before[slot]]++;
      slotsAfter[after[slot]]++;
    }
    for (int slot : moved) {
      out[before[slot]]++;
      in[after[slot]]++;
    }
    PlannedShard[] rows = new PlannedShard[size];
    for (int i = 0; i < size; i++) {
      Fields shard = union.fields(i);
      double weight = shard.state() == ShardState.ACTIVE ? shard.weight() : 0;
      rows[i] = new PlannedShard(union.id(i), weight, slotsBefore[i], slotsAfter[i], in[i], out[i]);
    }
    return List.of(rows);
  }

  /**
   * The plan as a table: what each shard has, gets and gives, and what moves in all. Of many shards
   * only those with the most moves are shown, and how many are left out.
   *
   * @return lines of text
   */
  public String toTable() {
    return PlanTable.of(this);
  }

  /** In which sense the plan is balanced, for its table. */
  String basis() {
    return basis;
  }

  /**
   * Starts the moves: the next map, in which the slots are MOVING, still owned by their sources. It
   * has the shards of the membership, and those removed as DRAINING, as long as they own slots.
   *
   * @return the map, one epoch after the source
   */
  public ShardMap start() {
    SlotStates.Builder states = new SlotStates.Builder(after.length, source.states());
    for (int slot : moved) {
      states.move(slot, after[slot], false);
      states.bump(slot);
    }
    return next(union, before, states.build());
  }

  /**
   * Gives the slots to their new owners at once: only where there are no rows yet, since none is
   * copied. Shards that aren't in the membership are gone.
   *
   * @return the map, one epoch after the source
   */
  public ShardMap assign() {
    SlotStates.Builder states = new SlotStates.Builder(after.length, source.states());
    for (int slot : moved) {
      states.bump(slot);
    }
    int[] there = union.ordinalsIn(target);
    return next(target, MapEdits.translated(after, there), states.build());
  }

  private ShardMap next(ShardTable table, int[] owners, SlotStates states) {
    int[] there = source.table().ordinalsIn(table);
    int[] pinOwners = MapEdits.translated(source.pinTable().owners(), there);
    return source.next(
        table, OwnerTable.of(owners), states, source.pinTable().withOwners(pinOwners));
  }

  /** A table of these shards, with the further fields that the map has for them. */
  static ShardTable tableOf(List<Shard> shards, ShardMap map) {
    Map<String, Map<String, Object>> extras = map.table().extras();
    return ShardTable.of(shards, extras);
  }

  @Override
  public String toString() {
    return "RebalancePlan[from epoch " + source.epoch() + ", " + moved.length + " moves]";
  }
}
