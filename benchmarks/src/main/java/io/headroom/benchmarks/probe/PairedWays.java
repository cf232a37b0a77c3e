package io.headroom.benchmarks.probe;

import java.util.Arrays;
import java.util.List;

/** Several ways to the same, each of which is judged by one of them: {@link PairedRounds}. */
public final class PairedWays {
  /** Added to the name of a way: nanoseconds of an operation. */
  public static final String TIME = ".time";

  /** Added to the name of a way: bytes that an operation allocates. */
  public static final String BYTES = ".bytes";

  /** Added to the name of a way: its extra time over the one that judges. */
  public static final String EXTRA = ".extra";

  /** Added to the name of a way: half the width of the interval of that. */
  public static final String ERROR = ".error";

  private PairedWays() {}

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

  /** Lets all threads of the workers take turns on each way, and reports the figures of all. */
  static void play(int rounds, int operationsATurn, Workers workers, int base, List<Way> ways)
      throws Exception {
    double[][] bytes = new double[ways.size()][rounds];
    int[] turns = new int[ways.size()];
    PairedRounds played =
        PairedRounds.play(
            ways.size(),
            rounds,
            who -> {
              Workers.Spent spent = workers.run(worker -> ways.get(who).turn().take());
              bytes[who][turns[who]++ % rounds] =
                  spent.bytes(); // the last ones are those that count
              return spent.nanos();
            });
    for (int i = 0; i < ways.size(); i++) {
      String name = ways.get(i).name();
      PairedRounds.Figure extra = played.extra(i, base);
      Arrays.sort(bytes[i]);
      ChildJvm.report(name + TIME, played.median(i) / operationsATurn);
      ChildJvm.report(name + BYTES, bytes[i][rounds / 2] / operationsATurn);
      ChildJvm.report(name + EXTRA, extra.median());
      ChildJvm.report(name + ERROR, extra.error());
    }
  }
}
