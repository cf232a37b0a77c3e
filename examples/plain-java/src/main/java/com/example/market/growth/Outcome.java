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
  private final LongAdder failed = new LongAdder();
  private final Failures failures = new Failures();
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
    switch (status) {
      case 200 -> served(cameNanos, nowNanos);
      case 429, 503 -> countInTime(refused, cameNanos, nowNanos);
      default -> failed(new IllegalStateException("answered with " + status), cameNanos, nowNanos);
    }
  }

  private void served(long cameNanos, long nowNanos) {
    everServed.increment();
    servedAt(nowNanos);
    if (cameNanos - fromNanos >= 0) {
      served.recordValue(Math.min(nowNanos - cameNanos, LONGEST_NANOS));
    }
    countInTime(inTime, cameNanos, nowNanos);
  }

  /** It ended by an error. */
  void failed(Throwable failure, long cameNanos, long nowNanos) {
    failures.add(failure);
    countInTime(failed, cameNanos, nowNanos);
  }

  private void countInTime(LongAdder counter, long cameNanos, long nowNanos) {
    boolean counts = cameNanos - fromNanos >= 0;
    if (counts && nowNanos - cameNanos <= OpenLoad.PATIENCE.toNanos()) {
      counter.increment();
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

  /** Those that were told of an error while they waited. */
  double percentFailed() {
    return 100.0 * failed.sum() / came.sum();
  }

  /** Those that were told nothing while they waited. */
  double percentLeftWaiting() {
    long told = inTime.sum() + refused.sum() + failed.sum();
    return 100.0 * (came.sum() - told) / came.sum();
  }

  /** What failed, whenever it came, and though nobody waited for it any more. */
  Failures failures() {
    return failures;
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
