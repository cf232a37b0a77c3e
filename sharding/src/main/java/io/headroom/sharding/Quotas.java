package io.headroom.sharding;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How many slots each shard is to have: its weighted quota, rounded down or up, such that all slots
 * are given out and as few as possible move.
 *
 * <p>Which shards are rounded up is free, as long as their quota has a fraction. Rounding up a
 * shard that has more slots than its quota's floor saves a move, any other saves none; so those
 * come first, then the largest fraction, then the smallest id. The result is the minimum: with
 * {@code above} the slots that shards have beyond their quota rounded up, and {@code below} those
 * that they lack to their quota rounded down, no balance is reached with fewer than max(above,
 * below) moves; and if those that may be rounded up for gain suffice, {@code above} moves are made,
 * else {@code below}.
 *
 * <p>Weights count as the decimals that they are written as, exactly: three shards of 0.1 have a
 * third each, and 0.1, 0.2, 0.7 of 1000 slots are 100, 200 and 700.
 */
final class Quotas {

  private final int[] counts;
  private final long leastMoves;

  private Quotas(int[] counts, long leastMoves) {
    this.counts = counts;
    this.leastMoves = leastMoves;
  }

  /** Slots for each shard that takes part, in the order of the arguments. */
  int[] counts() {
    return counts;
  }

  /** No plan to this balance has fewer moves, found without making one. */
  long leastMoves() {
    return leastMoves;
  }

  /**
   * Rounds the quotas.
   *
   * @param slots the slots to give out
   * @param weights the weights of the shards that take part
   * @param current the slots that each of them has now
   */
  static Quotas of(int slots, double[] weights, int[] current) {
    Map<Double, BigInteger[]> quotas = quotas(slots, weights);
    BigInteger[] fractions = new BigInteger[weights.length];
    int[] counts = new int[weights.length];
    List<Integer> roundable = new ArrayList<>();
    long left = slots;
    long above = slots;
    long below = 0;
    for (int i = 0; i < weights.length; i++) {
      BigInteger[] quota = Objects.requireNonNull(quotas.get(weights[i]));
      int floor = quota[0].intValueExact();
      fractions[i] = quota[1];
      boolean even = fractions[i].signum() == 0;
      counts[i] = floor;
      left -= floor;
      // All slots beyond the quotas leave, also those of shards that take no part.
      above -= Math.min(current[i], even ? floor : floor + 1);
      below += Math.max(0, floor - current[i]);
      if (!even) {
        roundable.add(i);
      }
    }
    if (left > 0) {
      roundable.sort(
          Comparator.<Integer, Boolean>comparing(i -> current[i] <= counts[i])
              .thenComparing(i -> fractions[i], Comparator.reverseOrder())
              .thenComparing(Comparator.naturalOrder()));
      roundable.subList(0, (int) left).forEach(i -> counts[i]++);
    }
    return new Quotas(counts, Math.max(above, below));
  }

  /** Whole slots and the rest of a quota, for each distinct weight. */
  private static Map<Double, BigInteger[]> quotas(int slots, double[] weights) {
    Map<Double, Integer> shardsByWeight = new HashMap<>();
    for (double weight : weights) {
      shardsByWeight.merge(weight, 1, Integer::sum);
    }
    Map<Double, BigDecimal> decimals = new HashMap<>();
    BigDecimal sum = BigDecimal.ZERO;
    int scale = 0;
    for (Map.Entry<Double, Integer> entry : shardsByWeight.entrySet()) {
      BigDecimal decimal = Decimals.shortest(entry.getKey());
      decimals.put(entry.getKey(), decimal);
      sum = sum.add(decimal.multiply(BigDecimal.valueOf(entry.getValue())));
      scale = Math.max(scale, decimal.scale());
    }
    BigInteger total = sum.scaleByPowerOfTen(scale).toBigIntegerExact();
    Map<Double, BigInteger[]> quotas = new HashMap<>();
    for (Map.Entry<Double, BigDecimal> entry : decimals.entrySet()) {
      BigInteger weight = entry.getValue().scaleByPowerOfTen(scale).toBigIntegerExact();
      quotas.put(
          entry.getKey(), weight.multiply(BigInteger.valueOf(slots)).divideAndRemainder(total));
    }
    return quotas;
  }
}
