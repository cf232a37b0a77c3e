package io.headroom.sharding;

import java.util.Arrays;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.PriorityQueue;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Moves slots of one block so that each shard's load comes near its weighted share.
 *
 * <p>Slots of shards that get none go first, the heaviest first, each to the shard that lacks most.
 * Then, again and again, the shard that is relatively most above its share gives the one that is
 * most below a slot whose load is nearest to half of their gap: the sum of squared deviations
 * shrinks with each move, so it ends. It ends when all are within {@link #TOLERANCE} of their
 * shares, or when no slot of the fullest shard is lighter than the gap; then no shard deviates by
 * more than the heaviest slot's load, relative to the smallest share.
 *
 * <p>Every slot counts for at least 1/64 of the average one, so that idle slots are spread too.
 *
 * <p>Source: Graham, Bounds on multiprocessing timing anomalies, 1969 (longest first).
 */
final class LoadBalance {

  /** Deviation from its share that is left alone. */
  static final double TOLERANCE = 0.05;

  private static final double LEAST_PART_OF_AVERAGE = 1.0 / 64;

  private final int first;
  private final double[] loads;
  private final int[] owner;
  private final double[] shares;
  private final double[] held;
  private final @Nullable NavigableSet<Integer>[] slotsOf;

  /**
   * Prepares a block.
   *
   * @param first the block's first slot
   * @param loads the loads of the block's slots
   * @param owner the owners of the block's slots; changed by {@link #run}
   * @param weights weights by ordinal, 0 for shards that get no slot
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  LoadBalance(int first, double[] loads, int[] owner, double[] weights) {
    this.first = first;
    this.loads = loads;
    this.owner = owner;
    this.shares = new double[weights.length];
    this.held = new double[weights.length];
    this.slotsOf = new TreeSet[weights.length];
    double total = Arrays.stream(loads).sum();
    double least = (total > 0 ? total / loads.length : 1) * LEAST_PART_OF_AVERAGE;
    for (int i = 0; i < loads.length; i++) {
      loads[i] = Math.max(loads[i], least);
    }
    total = Arrays.stream(loads).sum();
    double weight = Arrays.stream(weights).sum();
    for (int i = 0; i < weights.length; i++) {
      shares[i] = total * weights[i] / weight;
      if (weights[i] > 0) {
        slotsOf[i] = new TreeSet<>(this::byLoad);
      }
    }
  }

  private int byLoad(int a, int b) {
    // A slot below 0 stands for a wanted load, see nearest.
    int order = Double.compare(loadOf(a), loadOf(b));
    return order != 0 ? order : Integer.compare(a, b);
  }

  private double wanted;

  private double loadOf(int slot) {
    return slot < 0 ? wanted : loads[slot];
  }

  void run() {
    placeHomeless();
    TreeSet<Integer> byDeviation =
        new TreeSet<>(
            Comparator.<Integer>comparingDouble(this::deviation)
                .thenComparing(Comparator.naturalOrder()));
    for (int i = 0; i < shares.length; i++) {
      if (slotsOf[i] != null) {
        byDeviation.add(i);
      }
    }
    while (true) {
      int from = byDeviation.last();
      int to = byDeviation.first();
      if (deviation(from) <= TOLERANCE && deviation(to) >= -TOLERANCE) {
        return;
      }
      double gap = (held[from] - shares[from]) + (shares[to] - held[to]);
      int slot = nearest(set(from), gap);
      if (slot < 0) {
        return;
      }
      byDeviation.remove(from);
      byDeviation.remove(to);
      set(from).remove(slot);
      held[from] -= loads[slot];
      place(slot, to);
      byDeviation.add(from);
      byDeviation.add(to);
    }
  }

  /** Deviation of a shard's load from its share, in parts of the share. */
  private double deviation(int shard) {
    return (held[shard] - shares[shard]) / shares[shard];
  }

  private void placeHomeless() {
    TreeSet<Integer> homeless = new TreeSet<>(this::byLoad);
    for (int slot = 0; slot < owner.length; slot++) {
      if (slotsOf[owner[slot]] == null) {
        homeless.add(slot);
      } else {
        place(slot, owner[slot]);
      }
    }
    PriorityQueue<Integer> byLack =
        new PriorityQueue<>(
            Comparator.<Integer>comparingDouble(i -> held[i] - shares[i])
                .thenComparing(Comparator.naturalOrder()));
    for (int i = 0; i < shares.length; i++) {
      if (slotsOf[i] != null) {
        byLack.add(i);
      }
    }
    for (int slot : homeless.descendingSet()) {
      int to = byLack.remove();
      place(slot, to);
      byLack.add(to);
    }
  }

  private void place(int slot, int shard) {
    owner[slot] = shard;
    held[shard] += loads[slot];
    set(shard).add(slot);
  }

  private NavigableSet<Integer> set(int shard) {
    NavigableSet<Integer> slots = slotsOf[shard];
    if (slots == null) {
      throw new IllegalStateException("shard " + shard + " in block " + first + " gets no slots");
    }
    return slots;
  }

  /** The slot whose load is nearest to half the gap, if lighter than the gap; else -1. */
  private int nearest(NavigableSet<Integer> slots, double gap) {
    wanted = gap / 2;
    Integer below = slots.floor(-1);
    Integer above = slots.ceiling(-1);
    // Rounding must not make a move that gains nothing.
    double most = gap * (1 - 1e-9);
    if (above != null && loads[above] >= most) {
      above = null;
    }
    if (below == null || above == null) {
      return above != null ? above : below != null ? below : -1;
    }
    return loads[above] - wanted < wanted - loads[below] ? above : below;
  }
}
