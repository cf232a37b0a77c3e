package io.headroom.guard;

/**
 * What those who are shed would ask for, were they not: not as much as they do. Who is refused
 * comes back sooner than who is served, so a refused user's requests are many, and to shed by their
 * number would shed nearly all users, and leave connections idle. Those who are let in show how
 * much users ask for. Not thread-safe.
 */
final class Retries {

  /** A window in what was over some. */
  private static final double OF_WINDOW = 0.3;

  /** That those who are let in ask for so much less than their part may be chance. */
  private static final double BY_CHANCE = 0.8;

  /** And so much less is none; between the two it counts by and by. */
  private static final double SURE = 0.6;

  private double expected;
  private double letIn;

  /**
   * Takes in a window.
   *
   * @param altogether how many requests came, with those that were shed
   * @param notShed how many were not
   * @param share the share of users who were shed meanwhile
   * @return what part of all requests would have come, had nobody been shed; from 0 to 1
   */
  double update(double altogether, double notShed, double share) {
    if (share <= 0 || share >= 1) {
      expected = 0;
      letIn = 0;
      return 1;
    }
    expected += OF_WINDOW * (altogether * (1 - share) - expected);
    letIn += OF_WINDOW * (notShed - letIn);
    double part = expected > 0 ? letIn / expected : 1;
    double chance = (Math.min(BY_CHANCE, part) - SURE) / (BY_CHANCE - SURE);
    return chance <= 0 ? part : SURE + chance * (1 - SURE);
  }
}
