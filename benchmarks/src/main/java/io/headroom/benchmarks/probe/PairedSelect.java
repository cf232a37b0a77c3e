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
 * pools and take turns in blocks of a millisecond, in an order that is random in every round. What
 * is reported is the median over the rounds of the ratio within a round, with half the width of its
 * 99.9 % interval: by order statistics, so that nothing is assumed about how times are distributed.
 */
public final class PairedSelect {
  private static final List<Contender> CONTENDERS = List.of(Contender.values());

  /** Added to a contender's name: half the width of the interval of its figure. */
  public static final String ERROR = ".error";

  private static final double NORMAL_QUANTILE = 3.29; // of 99.9 %, both sides
  private static final int QUERIES_A_BLOCK = 20;

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
        double[] sorted = ratios[i].clone();
        Arrays.sort(sorted);
        ChildJvm.report(CONTENDERS.get(i).name(), sorted[rounds / 2]);
        ChildJvm.report(CONTENDERS.get(i).name() + ERROR, halfWidth(sorted));
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

  /** Of the median's interval: between the two ranks that hold it with the probability wanted. */
  private static double halfWidth(double[] sorted) {
    double ranks = NORMAL_QUANTILE * Math.sqrt(sorted.length) / 2;
    int low = (int) Math.max(0, sorted.length / 2.0 - ranks);
    int high = (int) Math.min(sorted.length - 1, Math.ceil(sorted.length / 2.0 + ranks));
    return (sorted[high] - sorted[low]) / 2;
  }
}
