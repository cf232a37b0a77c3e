package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.limits.SharedContender;
import io.headroom.benchmarks.limits.SharedLimit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Threads that ask for permits of one limit in Redis, each again as soon as it has its answer. The
 * contenders take turns: how long a decision takes, and what it costs in round trips, counted by
 * the server.
 */
public final class HotLimit {
  /** With how many threads. */
  public static final List<Integer> THREADS = List.of(1, 16, 64);

  /** Added to a name: nanoseconds of a thread's time a decision. */
  public static final String TIME = ".time";

  /** Added to a name: the 99th percentile of that. */
  public static final String P99 = ".p99";

  /** Added to a name: decisions a second of all threads. */
  public static final String RATE = ".rate";

  /** Added to a name: reads of the server's sockets a decision. */
  public static final String ROUND_TRIPS = ".trips";

  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int MOST_TIMES_A_TURN = 1 << 12;

  private HotLimit() {}

  /**
   * Which figure it is.
   *
   * @param contender whose
   * @param threads with how many threads
   * @param figure {@link #TIME}, {@link #P99}, {@link #RATE} or {@link #ROUND_TRIPS}
   * @return its name
   */
  public static String name(SharedContender contender, int threads, String figure) {
    return contender + "." + threads + figure;
  }

  /**
   * Runs the probe.
   *
   * @param arguments turns of each, and the URI of a server
   */
  public static void main(String[] arguments) {
    ChildJvm.exitAfter(() -> run(Integer.parseInt(arguments[0]), arguments[1]));
  }

  private static void run(int turns, String uri) throws Exception {
    Map<SharedContender, SharedLimit> limits = new EnumMap<>(SharedContender.class);
    for (SharedContender contender : SharedContender.values()) {
      limits.put(contender, contender.open(uri));
    }
    try (ServerCounts counts = new ServerCounts(List.of(uri))) {
      for (int threads : THREADS) {
        measure(turns, threads, limits, counts);
      }
    }
    limits.values().forEach(SharedLimit::close);
  }

  private static void measure(
      int turns, int threads, Map<SharedContender, SharedLimit> limits, ServerCounts counts)
      throws Exception {
    List<Load> loads = new ArrayList<>();
    limits.forEach((contender, limit) -> loads.add(new Load(contender, limit, threads)));
    Random random = new Random(42);
    try (Workers workers = new Workers(threads)) {
      for (int turn = -Math.max(1, turns / 4); turn < turns; turn++) {
        Collections.shuffle(loads, random);
        for (Load load : loads) {
          if (turn == 0) {
            load.forget(); // what it took to warm up
          }
          ServerCounts.Count before = counts.take();
          workers.run(load::run);
          load.trips += counts.since(before).reads();
        }
      }
    }
    loads.forEach(load -> load.report(turns));
  }

  /** One contender's decisions. */
  private static final class Load {
    private final SharedContender contender;
    private final SharedLimit limit;
    private final int threads;
    private final Latencies times = new Latencies();
    private long decisions;
    private long trips;

    Load(SharedContender contender, SharedLimit limit, int threads) {
      this.contender = contender;
      this.limit = limit;
      this.threads = threads;
    }

    void forget() {
      times.forget();
      decisions = 0;
      trips = 0;
    }

    void run(int worker) throws Exception {
      long[] took = new long[MOST_TIMES_A_TURN];
      long count = 0;
      long began = System.nanoTime();
      long before = began;
      while (before - began < TURN_NANOS) {
        if (!limit.tryAcquire()) {
          throw new IllegalStateException(contender + " refused");
        }
        long after = System.nanoTime();
        took[(int) (count++ % MOST_TIMES_A_TURN)] = after - before;
        before = after;
      }
      add(took, count);
    }

    private synchronized void add(long[] took, long count) {
      decisions += count;
      for (int i = 0; i < Math.min(count, took.length); i++) {
        times.add(took[i]);
      }
    }

    void report(int turns) {
      double nanos = (double) turns * TURN_NANOS;
      ChildJvm.report(name(contender, threads, TIME), nanos * threads / decisions);
      ChildJvm.report(name(contender, threads, P99), times.at(0.99));
      ChildJvm.report(name(contender, threads, RATE), decisions * 1e9 / nanos);
      ChildJvm.report(name(contender, threads, ROUND_TRIPS), (double) trips / decisions);
    }
  }
}
