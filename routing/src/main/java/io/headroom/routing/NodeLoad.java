package io.headroom.routing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What runs on a node through this data source, how fast it answers, and whether it has just come
 * back. Thread-safe, without locks and without garbage.
 *
 * <p>The latency is a peak-sensitive moving average, as in Finagle's {@code PeakEwma}: it jumps up
 * to a slow answer at once, and comes down over the decay time, whether or not there are further
 * answers, so that a node which is left alone because it was slow is tried again. Observations
 * weigh by the time that passed between them (A. Eckner, "Algorithms for Unevenly Spaced Time
 * Series: Moving Averages and Other Rolling Operators"), and at least a sixteenth. Average and time
 * stamp share one long, so that they change together.
 */
final class NodeLoad {

  /** Below this all nodes are equally fast; it also keeps an idle node's average from vanishing. */
  static final float FASTEST_NANOS = 1_000;

  /**
   * What an answer leaves of the average before it: by time alone, one slow query would mark a node
   * for a minute, whatever ten thousand quick ones say after it.
   */
  private static final float MOST_KEPT = 15f / 16;

  /** The share of its weight that a node begins with when it comes back, as Envoy's slow start. */
  static final double FIRST_SHARE = 0.1;

  /** A tick of the stamp is 2^20 ns, about a millisecond: 31 bits of them are 26 days. */
  private static final int TICK_SHIFT = 20;

  private final float decaysPerTick;
  private final long slowStartNanos;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** The average as a float's bits, then the stamp; 0 before the first answer. */
  private final AtomicLong average = new AtomicLong();

  private volatile boolean returning;
  private volatile long returnedNanos;

  /**
   * Creates an idle node's.
   *
   * @param decay in what time an average that gets no further answers falls to a third (1/e)
   * @param slowStart how long a node that came back has less than its share
   */
  NodeLoad(Duration decay, Duration slowStart) {
    this.decaysPerTick = (float) (1L << TICK_SHIFT) / Math.max(1, Nanos.of(decay));
    this.slowStartNanos = Nanos.of(slowStart);
  }

  /** A connection of the node is being taken for work. */
  void began() {
    inFlight.incrementAndGet();
  }

  /** It was given back, or could not be had: once for every {@link #began}. */
  void ended() {
    inFlight.decrementAndGet();
  }

  int inFlight() {
    return inFlight.get();
  }

  /**
   * A statement was answered.
   *
   * @param tookNanos how long it took
   * @param nowNanos the time
   */
  void answered(long tookNanos, long nowNanos) {
    float took = Math.max(FASTEST_NANOS, (float) tookNanos);
    int tick = tick(nowNanos);
    while (true) {
      long before = average.get();
      float known = latency(before);
      int passed = tick - stamp(before);
      float next;
      if (took >= known) {
        next = took;
      } else if (passed > 0) {
        float kept = Math.min(MOST_KEPT, kept(passed));
        next = known * kept + took * (1 - kept);
      } else {
        return; // within a tick, only a peak counts
      }
      int stamp = passed > 0 || known == 0 ? tick : stamp(before);
      if (average.compareAndSet(before, packed(next, stamp))) {
        return;
      }
    }
  }

  /**
   * How long an answer takes, by what was seen lately.
   *
   * @param nowNanos the time
   * @return nanoseconds, at least {@link #FASTEST_NANOS}; 0 if there was no answer yet
   */
  float latencyNanos(long nowNanos) {
    long now = average.get();
    float known = latency(now);
    int passed = tick(nowNanos) - stamp(now);
    return passed <= 0 || known == 0 ? known : Math.max(FASTEST_NANOS, known * kept(passed));
  }

  /**
   * The node has come back, from having been down or ejected: its share of reads grows from {@link
   * #FIRST_SHARE} to all of it within the slow start, so that its caches can fill.
   */
  void returned(long nowNanos) {
    returnedNanos = nowNanos;
    returning = slowStartNanos > 0;
  }

  /** The part of its weight that the node counts with, 1 but for the time after it came back. */
  double share(long nowNanos) {
    if (!returning) {
      return 1;
    }
    long since = nowNanos - returnedNanos;
    if (since >= slowStartNanos) {
      returning = false;
      return 1;
    }
    return Math.max(FIRST_SHARE, (double) since / slowStartNanos);
  }

  /**
   * What is left of an average: e^-x, for a short time as 1 - x and for a longer one as (1 +
   * x/64)^-64, neither of which needs a call. The one is right to 0.02 %, the other comes down to a
   * tenth in 2.35 decay times instead of 2.30.
   */
  private float kept(int ticks) {
    float decays = ticks * decaysPerTick;
    if (decays < 0.02f) {
      return 1 - decays;
    }
    float power = 1 + decays / 64;
    power *= power; // 2
    power *= power; // 4
    power *= power; // 8
    power *= power; // 16
    power *= power; // 32
    power *= power; // 64
    return 1 / power;
  }

  private static int tick(long nanos) {
    return (int) (nanos >> TICK_SHIFT);
  }

  private static long packed(float latency, int stamp) {
    return ((long) Float.floatToRawIntBits(latency) << 32) | (stamp & 0xFFFF_FFFFL);
  }

  private static float latency(long packed) {
    return Float.intBitsToFloat((int) (packed >>> 32));
  }

  private static int stamp(long packed) {
    return (int) packed;
  }

  @Override
  public String toString() {
    return inFlight() + " in flight, " + (long) latency(average.get()) + " ns at its last answer";
  }
}
