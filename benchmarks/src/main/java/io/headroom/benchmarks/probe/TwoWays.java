package io.headroom.benchmarks.probe;

import java.util.List;

/** Two ways to the same, of which the second is judged by the first. */
public final class TwoWays {
  /** Added to the name of a way: nanoseconds of an operation. */
  public static final String TIME = ".time";

  /** Added to the name of a way: bytes that an operation allocates. */
  public static final String BYTES = ".bytes";

  /** Added to the name of a way: its extra time over the first. */
  public static final String EXTRA = ".extra";

  /** Added to the name of a way: half the width of the interval of that. */
  public static final String ERROR = ".error";

  private TwoWays() {}

  /**
   * One of them.
   *
   * @param name by which its figures are reported
   * @param turn all that a thread does in a turn
   */
  record Way(String name, Turn turn) {}

  /** What a thread does when it is its turn. */
  @FunctionalInterface
  interface Turn {
    /** Does it. */
    void take() throws Exception;
  }

  /** Lets them take turns, and reports the figures of both. */
  static void play(int rounds, int operationsATurn, Workers workers, Way first, Way second)
      throws Exception {
    List<Way> ways = List.of(first, second);
    double[] bytes = new double[ways.size()]; // of the last turn
    PairedRounds played =
        PairedRounds.play(
            ways.size(),
            rounds,
            who -> {
              Workers.Spent spent = workers.run(worker -> ways.get(who).turn().take());
              bytes[who] = spent.bytes();
              return spent.nanos();
            });
    for (int i = 0; i < ways.size(); i++) {
      String name = ways.get(i).name();
      PairedRounds.Figure extra = played.extra(i, 0);
      ChildJvm.report(name + TIME, played.median(i) / operationsATurn);
      ChildJvm.report(name + BYTES, bytes[i] / operationsATurn);
      ChildJvm.report(name + EXTRA, extra.median());
      ChildJvm.report(name + ERROR, extra.error());
    }
  }
}
