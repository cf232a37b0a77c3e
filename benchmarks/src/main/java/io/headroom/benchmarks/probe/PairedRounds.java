package io.headroom.benchmarks.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Times of contenders that take turns, in an order that is random in every round.
 *
 * <p>A query over the network takes some 50 µs, give or take ten per cent from one second to the
 * next; a difference of one per cent drowns in that. In turns of a millisecond all see the same
 * second. What counts is the median over the rounds of the ratio within a round, with half the
 * width of its 99.9 % interval: by order statistics, so that nothing is assumed about how times are
 * distributed.
 */
final class PairedRounds {
  private static final double NORMAL_QUANTILE = 3.29; // of 99.9 %, both sides

  private final double[][] times;

  private PairedRounds(double[][] times) {
    this.times = times;
  }

  /** What a contender does when it is its turn. */
  @FunctionalInterface
  interface Turn {
    /** Returns the time that it took. */
    double take(int contender) throws Exception;
  }

  /**
   * A figure from all rounds.
   *
   * @param median over the rounds
   * @param error half the width of its 99.9 % interval
   */
  record Figure(double median, double error) {}

  /** Lets them take turns, a quarter as many rounds before those that count. */
  static PairedRounds play(int contenders, int rounds, Turn turn) throws Exception {
    Random random = new Random(42);
    List<Integer> order = new ArrayList<>();
    for (int contender = 0; contender < contenders; contender++) {
      order.add(contender);
    }
    double[][] times = new double[contenders][rounds];
    for (int round = -rounds / 4; round < rounds; round++) {
      Collections.shuffle(order, random);
      for (int contender : order) {
        times[contender][Math.max(0, round)] = turn.take(contender);
      }
    }
    return new PairedRounds(times);
  }

  /** A contender's time. */
  double median(int contender) {
    return figure(times[contender].clone()).median();
  }

  /** A contender's extra time over another's: 0.02 is two per cent. */
  Figure extra(int contender, int base) {
    double[] ratios = new double[times[contender].length];
    for (int round = 0; round < ratios.length; round++) {
      ratios[round] = times[contender][round] / times[base][round] - 1;
    }
    return figure(ratios);
  }

  private static Figure figure(double[] values) {
    Arrays.sort(values);
    double ranks = NORMAL_QUANTILE * Math.sqrt(values.length) / 2;
    int low = (int) Math.max(0, values.length / 2.0 - ranks);
    int high = (int) Math.min(values.length - 1, Math.ceil(values.length / 2.0 + ranks));
    return new Figure(values[values.length / 2], (values[high] - values[low]) / 2);
  }
}
