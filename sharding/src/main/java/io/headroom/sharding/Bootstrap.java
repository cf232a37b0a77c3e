package io.headroom.sharding;

import io.headroom.sharding.ShardColumns.Fields;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives out the slots of a new map: weighted rendezvous in distribution, without its cost.
 *
 * <p>Rendezvous hashing draws, for every pair of shard and slot, an exponential time at the rate of
 * the shard's weight, and the earliest shard owns the slot: shares follow the weights, and a shard
 * that joins or leaves changes no slot between two others. Drawing for every pair is quadratic
 * (100,000 shards on 2^20 slots would take half an hour). Here every shard is a Poisson process
 * instead: arrivals at its rate, each at a uniformly random slot. What arrives at one slot is again
 * a Poisson process at the shard's rate, independent of those at other slots; so the earliest
 * arrivals have just that distribution, and all processes need to run only until every slot has had
 * one: about ln(slots) + 1 arrivals a slot, whatever the number of shards.
 *
 * <p>A process runs in its shard's own time, in windows of equal length with a Poisson number of
 * arrivals each; its weight only divides the times. So another weight moves nothing but what this
 * shard wins or loses. Only exact operations and {@link StrictMath} are used: every JVM agrees.
 *
 * <p>Source: Thaler and Ravishankar, 1998 (rendezvous); Kingman, Poisson Processes, 1993, 5.1
 * (colouring).
 */
final class Bootstrap {

  private static final Logger LOG = LoggerFactory.getLogger(Bootstrap.class);

  private static final int FEW_SLOTS_PER_SHARD = 100;

  /** Arrivals to be expected in a window: few enough to waste little beyond the horizon. */
  private static final int ARRIVALS_PER_WINDOW = 8;

  /** Cumulated Poisson probabilities, scaled to 2^63: entry k for at most k arrivals. */
  private static final long[] AT_MOST = cumulatedPoisson();

  private static final int TIME_BITS = 44;
  private static final double TIME_UNIT = 0x1p-44;

  private final int slots;
  private final double[] earliest;
  private final int[] owners;

  private Bootstrap(int slots) {
    this.slots = slots;
    this.earliest = new double[slots];
    this.owners = new int[slots];
    Arrays.fill(earliest, Double.POSITIVE_INFINITY);
  }

  /**
   * Owners of all slots.
   *
   * @param slots slots a region, or in all where there are no regions; a power of two
   */
  static int[] owners(int slots, List<String> regions, ShardTable table) {
    if (regions.isEmpty()) {
      return block(slots, table, eligible(table, null), "map");
    }
    int[] owners = new int[slots * regions.size()];
    for (int r = 0; r < regions.size(); r++) {
      String region = regions.get(r);
      int[] block = block(slots, table, eligible(table, region), "region '" + region + "'");
      System.arraycopy(block, 0, owners, r * slots, slots);
    }
    return owners;
  }

  private static int[] eligible(ShardTable table, @Nullable String region) {
    int[] ordinals = new int[table.size()];
    int count = 0;
    for (int i = 0; i < ordinals.length; i++) {
      Fields shard = table.fields(i);
      if (shard.state() == ShardState.ACTIVE && (region == null || region.equals(shard.region()))) {
        ordinals[count++] = i;
      }
    }
    return Arrays.copyOf(ordinals, count);
  }

  private static int[] block(int slots, ShardTable table, int[] ordinals, String where) {
    if (ordinals.length == 0) {
      throw new IllegalArgumentException(
          "the " + where + " has no ACTIVE shard that could own its slots: add one");
    }
    if (slots / ordinals.length < FEW_SLOTS_PER_SHARD && ordinals.length > 1) {
      LOG.warn(
          "the {} has {} slots for {} shards, about {} each: shares will be uneven, some shards may"
              + " own none; take more slots, or balance exactly by rebalance(...).assign()",
          where,
          slots,
          ordinals.length,
          slots / ordinals.length);
    }
    Bootstrap bootstrap = new Bootstrap(slots);
    bootstrap.run(table, ordinals);
    return bootstrap.owners;
  }

  private void run(ShardTable table, int[] ordinals) {
    double[] weights = new double[ordinals.length];
    SplitStream[] streams = new SplitStream[ordinals.length];
    int[] windows = new int[ordinals.length];
    double total = 0;
    for (int i = 0; i < ordinals.length; i++) {
      weights[i] = table.fields(ordinals[i]).weight();
      streams[i] = new SplitStream(table.id(ordinals[i]));
      total += weights[i];
    }
    // One unit of time brings 8 arrivals times the sum of the weights.
    double onePerSlot = slots / (ARRIVALS_PER_WINDOW * total);
    double horizon = onePerSlot * (StrictMath.log(slots) + 1);
    while (true) {
      for (int i = 0; i < ordinals.length; i++) {
        windows[i] = advance(streams[i], weights[i], windows[i], ordinals[i], horizon);
      }
      if (allBefore(horizon)) {
        return;
      }
      horizon += 2 * onePerSlot;
    }
  }

  /** Runs one shard's process up to the horizon; returns the windows it has drawn so far. */
  private int advance(SplitStream stream, double weight, int from, int ordinal, double horizon) {
    int shift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
    int window = from;
    while (window <= horizon * weight) {
      for (int left = arrivals(stream.next() >>> 1); left > 0; left--) {
        long draw = stream.next();
        int slot = slots == 1 ? 0 : (int) (draw >>> shift);
        double time = (window + (draw & ((1L << TIME_BITS) - 1)) * TIME_UNIT) / weight;
        // Shards come in the order of their ids, and a tie stays with the first.
        if (time < earliest[slot] || (time == earliest[slot] && ordinal < owners[slot])) {
          earliest[slot] = time;
          owners[slot] = ordinal;
        }
      }
      window++;
    }
    return window;
  }

  /** An arrival beyond the horizon might still be beaten by one that isn't drawn yet. */
  private boolean allBefore(double horizon) {
    for (double time : earliest) {
      if (!(time <= horizon)) {
        return false;
      }
    }
    return true;
  }

  private static int arrivals(long uniform) {
    int count = 0;
    while (count < AT_MOST.length && uniform >= AT_MOST[count]) {
      count++;
    }
    return count;
  }

  private static long[] cumulatedPoisson() {
    long[] table = new long[64];
    double probability = StrictMath.exp(-ARRIVALS_PER_WINDOW);
    double sum = 0;
    for (int k = 0; k < table.length; k++) {
      sum += probability;
      table[k] = (long) (Math.min(sum, 1) * 0x1p63);
      probability *= (double) ARRIVALS_PER_WINDOW / (k + 1);
    }
    return table;
  }
}
