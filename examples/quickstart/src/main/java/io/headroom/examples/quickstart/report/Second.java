package io.headroom.examples.quickstart.report;

/**
 * What one second brought; NaN where there was nothing to measure.
 *
 * @param at when it began, in seconds since the run's start
 * @param perSecond requests that were answered, by the second
 * @param p50Millis the time that half of them stayed below, in ms
 * @param p95Millis the time that 95 of 100 stayed below, in ms
 * @param p99Millis the time that 99 of 100 stayed below, in ms
 * @param errors requests without a right answer
 * @param refused requests that a limit or a guard refused
 * @param l1Percent of 100 reads from the cache, those that the process had at hand
 * @param l2Percent of 100 of the other reads, those that Redis had
 */
public record Second(
    double at,
    double perSecond,
    double p50Millis,
    double p95Millis,
    double p99Millis,
    long errors,
    long refused,
    double l1Percent,
    double l2Percent) {

  /** Where a chart has what was measured from its beginning to its end. */
  double middle() {
    return at + 0.5;
  }
}
