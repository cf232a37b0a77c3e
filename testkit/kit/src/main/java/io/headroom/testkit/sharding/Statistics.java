package io.headroom.testkit.sharding;

/**
 * Bounds for the statistical laws, each with a stated false-alarm rate: how often a router that
 * keeps the law would break the bound by chance.
 */
final class Statistics {

  /** One false alarm in a million checks. */
  static final double FALSE_ALARM_RATE = 1e-6;

  /** The standard normal quantile of 1 - FALSE_ALARM_RATE. */
  private static final double Z = 4.753424;

  /** ln(2 / FALSE_ALARM_RATE), for a two-sided bound. */
  private static final double LOG_RATE = Math.log(2 / FALSE_ALARM_RATE);

  private Statistics() {}

  /**
   * The value that χ² exceeds with the false-alarm rate. Wilson and Hilferty's cube root (1931,
   * doi:10.1073/pnas.17.12.684) errs to the safe side here: by 15 % for one degree of freedom, 2.5
   * % for ten, under 1 % from fifty on.
   */
  static double chiSquareLimit(int degreesOfFreedom) {
    double spread = 2.0 / (9 * degreesOfFreedom);
    double root = 1 - spread + Z * Math.sqrt(spread);
    return degreesOfFreedom * root * root * root;
  }

  /**
   * How far a sum of independent terms, each from 0 to {@code largest}, strays from its mean at the
   * false-alarm rate, either way: Bernstein's inequality, which holds for small counts as well.
   */
  static double deviationLimit(double variance, double largest) {
    double linear = largest * LOG_RATE / 3;
    return linear + Math.sqrt(linear * linear + 2 * variance * LOG_RATE);
  }
}
