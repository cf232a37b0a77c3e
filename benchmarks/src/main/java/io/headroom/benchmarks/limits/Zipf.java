package io.headroom.benchmarks.limits;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws in which the second is half as frequent as the first, the third a third, and so on. */
public final class Zipf {
  private Zipf() {}

  /**
   * Draws ranks by inverting the cumulative frequencies.
   *
   * @param draws how many
   * @param ranks of how many
   * @param seed of the draws
   * @return ranks from 0, which is the most frequent
   */
  public static int[] draw(int draws, int ranks, long seed) {
    double[] cumulative = new double[ranks];
    double sum = 0;
    for (int rank = 0; rank < ranks; rank++) {
      sum += 1.0 / (rank + 1);
      cumulative[rank] = sum;
    }
    double total = sum;
    return new SplittableRandom(seed)
        .doubles(draws)
        .mapToInt(part -> rankOf(part * total, cumulative))
        .toArray();
  }

  private static int rankOf(double point, double[] cumulative) {
    int found = Arrays.binarySearch(cumulative, point);
    return Math.min(found >= 0 ? found + 1 : -found - 1, cumulative.length - 1);
  }
}
