package io.headroom.sharding;

import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How much each slot is used: requests in a time, say, or rows. Immutable and thread-safe.
 *
 * <pre>{@code
 * SlotLoads loads = SlotLoads.of(Map.of(17, 900.0, 4711, 350.0), 8_000);
 * RebalancePlan plan = map.rebalance(map.membership(), loads);
 * }</pre>
 */
public final class SlotLoads {

  private final NavigableMap<Integer, Double> measured;
  private final double others;

  private SlotLoads(NavigableMap<Integer, Double> measured, double others) {
    this.measured = measured;
    this.others = others;
  }

  /**
   * Loads as measured, in any unit.
   *
   * @param measured slot to load, for the slots that are known: all of them, or the hottest
   * @param others the load of all other hashed slots together, which counts as spread evenly
   * @return the loads
   * @throws IllegalArgumentException if a slot is negative, or a load is negative or not finite
   */
  public static SlotLoads of(Map<Integer, Double> measured, double others) {
    for (Map.Entry<Integer, Double> load : measured.entrySet()) {
      checkMeasured(load.getKey(), load.getValue());
    }
    checkLoad("the load of the others", others);
    return new SlotLoads(new TreeMap<>(measured), others);
  }

  private static void checkMeasured(int slot, double load) {
    if (slot < 0) {
      throw new IllegalArgumentException("slot " + slot + " has a load: slots begin at 0");
    }
    checkLoad("the load of slot " + slot, load);
  }

  private static void checkLoad(String what, double load) {
    if (!(load >= 0 && load < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " is " + load + ": give a finite number from 0 on");
    }
  }

  /**
   * The load of each hashed slot, in a unit that makes the largest at least 1 and less than 2, so
   * that sums and shares neither overflow nor vanish. A power of two: no load is rounded.
   */
  double[] bySlot(int slotCount) {
    double[] loads = new double[slotCount];
    int known = measured.headMap(slotCount).size();
    Arrays.fill(loads, known == slotCount ? 0 : others / (slotCount - known));
    for (Map.Entry<Integer, Double> load : measured.headMap(slotCount).entrySet()) {
      loads[load.getKey()] = load.getValue();
    }
    double largest = Arrays.stream(loads).max().orElse(0);
    int exponent = largest > 0 ? Math.getExponent(largest) : 0;
    for (int slot = 0; slot < slotCount; slot++) {
      loads[slot] = Math.scalb(loads[slot], -exponent);
    }
    return loads;
  }
}
