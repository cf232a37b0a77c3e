package io.headroom.routing;

import java.time.Duration;

/**
 * How nodes are probed.
 *
 * @param every the time between two probes of a node, give or take a fifth
 * @param timeout how long a probe may take, a new connection included
 * @param reopenEvery how old a probe's connection gets, so that a host name that has come to mean
 *     another server is noticed
 */
record MonitorSettings(Duration every, Duration timeout, Duration reopenEvery) {

  static final MonitorSettings DEFAULT =
      new MonitorSettings(Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(30));

  /** How old the answer of a primary may be: one more than its probe can take, and some. */
  long downAfterNanos() {
    return 2 * (every.toNanos() + timeout.toNanos());
  }
}
