package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pearson's test of counts against expected counts, at a false-alarm rate of one in a million.
 *
 * <p>Seeds are fixed wherever it is used, so a test that passes once passes always; the rate says
 * how likely a correct implementation would have failed when the test was written. The critical
 * value is that of Wilson and Hilferty, 1931.
 */
final class ChiSquare {

  /** The standard normal deviate that is exceeded once in a million. */
  private static final double ONE_IN_A_MILLION = 4.7534;

  private ChiSquare() {}

  static void assertFits(int[] counts, double[] weights) {
    double total = 0;
    double weight = 0;
    for (int i = 0; i < counts.length; i++) {
      total += counts[i];
      weight += weights[i];
    }
    double statistic = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = total * weights[i] / weight;
      statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    int freedom = counts.length - 1;
    double part = 2.0 / (9 * freedom);
    double critical = freedom * Math.pow(1 - part + ONE_IN_A_MILLION * Math.sqrt(part), 3);
    assertThat(statistic).as("chi-square of %d counts", counts.length).isLessThan(critical);
  }
}
