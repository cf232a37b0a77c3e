package io.headroom.routing;

import java.time.Duration;

/**
 * When reads keep away from a node that fails. Immutable.
 *
 * @param window over how many of the last calls the failures are counted
 * @param leastCalls how many calls there must have been, at most the window
 * @param failurePercent from which share of failures on it is ejected
 * @param trials how many reads are let through after the wait; they decide whether it returns
 * @param firstWait how long it stays out the first time; each further time twice as long as before
 * @param longestWait how long at most
 * @param goodTime how long it must have done well for its past to be forgotten
 */
record EjectionSettings(
    int window,
    int leastCalls,
    int failurePercent,
    int trials,
    Duration firstWait,
    Duration longestWait,
    Duration goodTime) {

  /** Five failures among the last ten calls; 1, 2, 4 ... 30 seconds; forgotten after a minute. */
  static final EjectionSettings DEFAULT =
      new EjectionSettings(
          10, 5, 50, 3, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofMinutes(1));

  EjectionSettings {
    require(window >= 1, "window", window, "at least 1");
    require(
        leastCalls >= 1 && leastCalls <= window,
        "leastCalls",
        leastCalls,
        "1 to the window's " + window);
    require(
        failurePercent >= 1 && failurePercent <= 100, "failurePercent", failurePercent, "1 to 100");
    require(trials >= 1, "trials", trials, "at least 1");
    require(
        !firstWait.isZero() && !firstWait.isNegative(), "firstWait", firstWait, "more than zero");
    require(
        longestWait.compareTo(firstWait) >= 0,
        "longestWait",
        longestWait,
        "at least firstWait's " + firstWait);
    require(
        longestWait.compareTo(Duration.ofDays(1)) <= 0,
        "longestWait",
        longestWait,
        "at most a day");
    require(!goodTime.isNegative(), "goodTime", goodTime, "zero or more");
  }

  private static void require(boolean holds, String option, Object value, String range) {
    if (!holds) {
      throw new IllegalArgumentException(option + " must be " + range + ", was " + value);
    }
  }
}
