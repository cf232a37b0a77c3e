package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.peers.ShardAccess;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The extra time of each contender over the hand-picked pool, to a fraction of a per cent.
 *
 * <p>A query over the network takes some 50 µs, give or take ten per cent from one second to the
 * next; a difference of one per cent drowns in that. Here all contenders share one JVM and the same
 * pools and take turns in short blocks of random order; the median over some hundred rounds of the
 * ratio within a round is what is reported.
 */
public final class PairedSelect {
  private static final List<Contender> CONTENDERS = List.of(Contender.values());
  private static final int QUERIES_A_BLOCK = 200;

  private PairedSelect() {}

  /**
   * Runs the probe.
   *
   * @param arguments number of rounds, then the JDBC URLs
   * @throws Exception if a contender fails
   */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    try (Fleet fleet = Fleet.open(List.of(arguments).subList(1, arguments.length))) {
      ShardAccess[] accesses = new ShardAccess[CONTENDERS.size()];
      for (int i = 0; i < accesses.length; i++) {
        accesses[i] = CONTENDERS.get(i).open(fleet.pools());
      }
      double[][] ratios = ratios(accesses, rounds);
      for (int i = 0; i < accesses.length; i++) {
        ChildJvm.report(CONTENDERS.get(i).name(), median(ratios[i]));
      }
    }
    System.exit(0); // some contenders leave threads
  }

  /** For each contender and round: time over the hand-picked pool's, less 1. */
  private static double[][] ratios(ShardAccess[] accesses, int rounds) throws SQLException {
    Random random = new Random(42);
    double[][] ratios = new double[accesses.length][rounds];
    int handPicked = CONTENDERS.indexOf(Contender.HAND_PICKED);
    int warmUp = rounds / 4;
    for (int round = -warmUp; round < rounds; round++) {
      double[] times = round(accesses, random);
      for (int i = 0; i < times.length && round >= 0; i++) {
        ratios[i][round] = times[i] / times[handPicked] - 1;
      }
    }
    return ratios;
  }

  private static double[] round(ShardAccess[] accesses, Random random) throws SQLException {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < accesses.length; i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    double[] times = new double[accesses.length];
    for (int i : order) {
      long sum = 0;
      long start = System.nanoTime();
      for (int id = 0; id < QUERIES_A_BLOCK; id++) {
        sum += Accounts.balance(accesses[i], id);
      }
      times[i] = (double) (System.nanoTime() - start);
      if (sum != QUERIES_A_BLOCK * (QUERIES_A_BLOCK - 1L) / 2) {
        throw new IllegalStateException(CONTENDERS.get(i) + " read the wrong rows");
      }
    }
    return times;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
