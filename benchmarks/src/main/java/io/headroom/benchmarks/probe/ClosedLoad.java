package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.reads.HandPickedReads;
import io.headroom.benchmarks.reads.HeadroomReads;
import io.headroom.benchmarks.reads.ReadAccess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Threads that each read on as soon as they have an answer, through ways to spread reads over the
 * same pools, which take turns of a second: how long the slowest hundredth of the reads took, and
 * how many there were.
 */
public final class ClosedLoad {
  /** One replica after the other. */
  public static final String IN_TURN = "round-robin";

  /** Any replica. */
  public static final String AT_RANDOM = "random";

  /** Ours. */
  public static final String HEADROOM = "headroom";

  /** Added to a name: the 99th percentile of the time of a read, in nanoseconds. */
  public static final String P99 = ".p99";

  /** Added to a name: reads a second. */
  public static final String RATE = ".rate";

  private static final int THREADS = 4;
  private static final long TURN_NANOS = 1_000_000_000;
  private static final int MOST_READS_A_TURN = 1 << 20;

  private ClosedLoad() {}

  /**
   * Runs the probe.
   *
   * @param arguments turns of each, then the JDBC URLs: the primary's first
   * @throws Exception if a read fails
   */
  public static void main(String[] arguments) throws Exception {
    int turns = Integer.parseInt(arguments[0]);
    try (Fleet fleet = Fleet.open(List.of(arguments).subList(1, arguments.length), THREADS);
        Workers workers = new Workers(THREADS);
        HeadroomReads ours = HeadroomReads.onPostgres(fleet.pools())) {
      List<Load> loads =
          new ArrayList<>(
              List.of(
                  new Load(IN_TURN, HandPickedReads.inTurn(fleet.pools())),
                  new Load(AT_RANDOM, HandPickedReads.atRandom(fleet.pools())),
                  new Load(HEADROOM, ours)));
      Random random = new Random(42);
      for (int turn = 0; turn <= turns; turn++) {
        Collections.shuffle(loads, random);
        for (Load load : loads) {
          if (turn == 1) {
            load.forget(); // what it took to warm up
          }
          workers.run(load::run);
        }
      }
      loads.forEach(load -> load.report(turns));
    }
    System.exit(0);
  }

  /** One way's reads. */
  private static final class Load {
    private final String name;
    private final ReadAccess reads;
    private long[] nanos = new long[MOST_READS_A_TURN];
    private int count;

    Load(String name, ReadAccess reads) {
      this.name = name;
      this.reads = reads;
    }

    synchronized void forget() {
      count = 0;
    }

    void run(int worker) throws Exception {
      long began = System.nanoTime();
      long before = began;
      for (long id = worker; before - began < TURN_NANOS; id = (id + THREADS) % Accounts.ROWS) {
        if (reads.balance(id) != id) {
          throw new IllegalStateException(name + " read the wrong row");
        }
        long after = System.nanoTime();
        add(after - before);
        before = after;
      }
    }

    private synchronized void add(long took) {
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * count);
      }
      nanos[count++] = took;
    }

    synchronized void report(int turns) {
      long[] sorted = Arrays.copyOf(nanos, count);
      Arrays.sort(sorted);
      ChildJvm.report(name + P99, (double) sorted[(int) (count * 0.99)]);
      ChildJvm.report(name + RATE, count * 1e9 / ((double) turns * TURN_NANOS));
    }
  }
}
