package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.reads.ReadAccess;
import io.headroom.benchmarks.reads.ReadContender;
import java.util.List;

/**
 * A read-only transaction through each contender on the same pools: {@link PairedRounds} in which
 * two threads at once do 20 of them a turn. With one thread, waking up a core for each answer would
 * take more time than all else.
 */
public final class PairedReads {
  private static final List<ReadContender> CONTENDERS = List.of(ReadContender.values());

  /** Added to a contender's name: nanoseconds of a transaction. */
  public static final String TIME = ".time";

  /** Added to a contender's name: bytes that a transaction allocates. */
  public static final String BYTES = ".bytes";

  /** Added to a contender's name: extra time over the hand-picked replica. */
  public static final String EXTRA = ".extra";

  /** Added to a contender's name: half the width of the interval of that. */
  public static final String ERROR = ".error";

  private static final int THREADS = 2;
  private static final int READS_A_TURN = 20;

  private PairedReads() {}

  /**
   * Runs the probe.
   *
   * @param arguments number of rounds, then the JDBC URLs: the primary's first
   * @throws Exception if a contender fails
   */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    try (Fleet fleet = Fleet.open(List.of(arguments).subList(1, arguments.length), 2 * THREADS);
        Workers workers = new Workers(THREADS)) {
      ReadAccess[] accesses = new ReadAccess[CONTENDERS.size()];
      for (int i = 0; i < accesses.length; i++) {
        accesses[i] = CONTENDERS.get(i).open(fleet.pools());
      }
      double[] bytes = new double[accesses.length]; // of the last turn
      PairedRounds played =
          PairedRounds.play(
              accesses.length,
              rounds,
              who -> {
                Workers.Spent spent = workers.run(worker -> read(who, accesses[who]));
                bytes[who] = spent.bytes();
                return spent.nanos();
              });
      for (int i = 0; i < accesses.length; i++) {
        String name = CONTENDERS.get(i).name();
        PairedRounds.Figure extra = played.extra(i, CONTENDERS.indexOf(ReadContender.HAND_PICKED));
        ChildJvm.report(name + TIME, played.median(i) / READS_A_TURN);
        ChildJvm.report(name + BYTES, bytes[i] / READS_A_TURN);
        ChildJvm.report(name + EXTRA, extra.median());
        ChildJvm.report(name + ERROR, extra.error());
      }
    }
    System.exit(0); // some contenders leave threads
  }

  private static void read(int contender, ReadAccess access) throws Exception {
    long sum = 0;
    for (int id = 0; id < READS_A_TURN; id++) {
      sum += access.balance(id);
    }
    if (sum != READS_A_TURN * (READS_A_TURN - 1L) / 2) {
      throw new IllegalStateException(CONTENDERS.get(contender) + " read the wrong rows");
    }
  }
}
