package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.limits.Bucket4jByKey;
import io.headroom.benchmarks.limits.HeadroomByKey;
import io.headroom.benchmarks.limits.Rate;

/** Heap that limits of a million keys take beside the keys, each of which has asked once. */
public final class LimitMemory {
  /** The figure of Bucket4j in a Caffeine map. */
  public static final String BUCKET4J = "bucket4j";

  /** Our figure. */
  public static final String HEADROOM = "headroom";

  private static final int KEYS = 1_000_000;

  private LimitMemory() {}

  /**
   * Runs the probe.
   *
   * @param arguments which limiter
   */
  public static void main(String[] arguments) {
    String which = arguments[0];
    Long[] keys = new Long[KEYS];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = 1_000_003L * i;
    }
    fill(which, new Long[] {1L}); // loads the classes
    long before = Heap.usedAfterGc();
    Object limiter = fill(which, keys);
    ChildJvm.report(which, (double) (Heap.usedAfterGc() - before));
    if (limiter.hashCode() == keys.length) { // and reachable until here
      throw new IllegalStateException("by chance");
    }
  }

  private static Object fill(String which, Long[] keys) {
    Rate rate = Rate.of(Rate.REFUSED); // no bucket is full again before it is weighed
    if (which.equals(BUCKET4J)) {
      Bucket4jByKey limiter = new Bucket4jByKey(rate);
      for (Long key : keys) {
        limiter.tryAcquire(key);
      }
      limiter.cleanUp();
      return limiter;
    }
    HeadroomByKey limiter = new HeadroomByKey(rate);
    for (Long key : keys) {
      limiter.tryAcquire(key);
    }
    return limiter;
  }
}
