package io.headroom.benchmarks.probe;

import java.util.Arrays;

/** Times of many operations. Thread-safe. */
final class Latencies {
  private long[] nanos = new long[1 << 10];
  private int count;

  synchronized void add(long took) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = took;
  }

  synchronized void forget() {
    count = 0;
  }

  synchronized int count() {
    return count;
  }

  /** What this share of the operations took at most. */
  synchronized double at(double share) {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted[(int) Math.min(count - 1, share * count)];
  }
}
