package com.example.market.growth;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What came of the requests of one name. Thread-safe. */
final class Outcome {

  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final long fromNanos;
  private final Duration length;
  private final LongAdder came = new LongAdder();
  private final LongAdder inTime = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder everServed = new LongAdder();
  private final Histogram served = new ConcurrentHistogram(LONGEST_NANOS, 3);
  private long lastServedNanos;
  private long longestGapNanos;

  /**
   * Counts nothing yet.
   *
   * @param fromNanos what came before does not count
   * @param length for so long it counts
   */
  Outcome(long fromNanos, Duration length) {
    this.fromNanos = fromNanos;
    this.length = length;
    this.lastServedNanos = fromNanos;
  }

  void came(long cameNanos) {
    if (cameNanos - fromNanos >= 0) {
      came.increment();
    }
  }

  void answered(int status, long cameNanos, long nowNanos) {
    boolean ok = status == 200;
    if (ok) {
      everServed.increment();
      servedAt(nowNanos);
    }
    if (cameNanos - fromNanos < 0) {
      return;
    }
    boolean waited = nowNanos - cameNanos > OpenLoad.PATIENCE.toNanos();
    if (ok) {
      served.recordValue(Math.min(nowNanos - cameNanos, LONGEST_NANOS));
      inTime.add(waited ? 0 : 1);
    } else if (!waited) {
      refused.increment();
    }
  }

  private synchronized void servedAt(long nanos) {
    if (nanos - lastServedNanos > 0) {
      longestGapNanos = Math.max(longestGapNanos, nanos - lastServedNanos);
      lastServedNanos = nanos;
    }
  }

  /** Those that were served while their users waited, in a second. */
  double goodput() {
    return inTime.sum() / (length.toNanos() / 1e9);
  }

  double percentInTime() {
    return 100.0 * inTime.sum() / came.sum();
  }

  double percentRefused() {
    return 100.0 * refused.sum() / came.sum();
  }

  /** Those that were told nothing while they waited. */
  double percentLeftWaiting() {
    return 100 - percentInTime() - percentRefused();
  }

  /** Those that were served at all, whenever they came. */
  long everServed() {
    return everServed.sum();
  }

  /** How many came that count, in a second. */
  double offered() {
    return came.sum() / (length.toNanos() / 1e9);
  }

  double millis(double percentile) {
    return served.getValueAtPercentile(percentile) / 1e6;
  }

  /** The longest time, since counting began, in which nobody was served. */
  synchronized double longestGapMillis() {
    long end = fromNanos + length.toNanos();
    return Math.max(longestGapNanos, end - lastServedNanos) / 1e6;
  }
}
