package io.headroom.benchmarks.soak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What came of the requests. Thread-safe. */
final class Tally {
  private static final int SHOWN = 10;
  private static final long LONGEST_NANOS = 60_000_000_000L;

  private final FaultWindows windows;
  private final LongAdder done = new LongAdder();
  private final LongAdder inFaults = new LongAdder();
  private final LongAdder outside = new LongAdder();
  private final LongAdder stale = new LongAdder();
  private final AtomicInteger shown = new AtomicInteger();
  private final List<String> firstOutside = new CopyOnWriteArrayList<>();
  private final Recorder latencies = new Recorder(LONGEST_NANOS, 2);
  private final AtomicLongArray acknowledged = new AtomicLongArray(SoakService.ACCOUNTS);

  Tally(FaultWindows windows) {
    this.windows = windows;
  }

  /** A request that was due then has been answered. */
  void answered(long dueNanos, long nowNanos) {
    done.increment();
    latencies.recordValue(Math.min(LONGEST_NANOS, Math.max(0, nowNanos - dueNanos)));
  }

  /** A request has failed. */
  void failed(long dueNanos, long nowNanos, Throwable failure) {
    if (windows.touch(dueNanos, nowNanos)) {
      inFaults.increment();
      return;
    }
    outside.increment();
    if (shown.getAndIncrement() < SHOWN) {
      firstOutside.add(failure.toString());
    }
  }

  /** A commit was acknowledged. */
  void acknowledged(long account, long version) {
    acknowledged.accumulateAndGet((int) account, version, Math::max);
  }

  /** A request must be shown what it has written. */
  void shown(long version, long atLeast) {
    if (version < atLeast) {
      stale.increment();
    }
  }

  long acknowledged(long account) {
    return acknowledged.get((int) account);
  }

  long done() {
    return done.sum();
  }

  long errorsInFaults() {
    return inFaults.sum();
  }

  long errorsOutside() {
    return outside.sum();
  }

  long stale() {
    return stale.sum();
  }

  List<String> firstOutside() {
    return firstOutside;
  }

  /** Latencies since this was asked last, in nanoseconds. */
  Histogram latencies() {
    return latencies.getIntervalHistogram();
  }
}
