package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.reads.ReadAccess;
import io.headroom.benchmarks.reads.ReadContender;
import java.util.ArrayList;
import java.util.List;

/**
 * A read-only transaction through each contender on the same pools: {@link PairedRounds} in which
 * two threads at once do 20 of them a turn. With one thread, waking up a core for each answer would
 * take more time than all else.
 */
public final class PairedReads {
  private static final List<ReadContender> CONTENDERS = List.of(ReadContender.values());

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
      List<PairedWays.Way> ways = new ArrayList<>();
      for (ReadContender contender : CONTENDERS) {
        ReadAccess access = contender.open(fleet.pools());
        ways.add(new PairedWays.Way(contender.name(), () -> read(contender, access)));
      }
      int handPicked = CONTENDERS.indexOf(ReadContender.HAND_PICKED);
      PairedWays.play(rounds, READS_A_TURN, workers, handPicked, ways);
    }
    System.exit(0); // some contenders leave threads
  }

  private static void read(ReadContender contender, ReadAccess access) throws Exception {
    long sum = 0;
    for (int id = 0; id < READS_A_TURN; id++) {
      sum += access.balance(id);
    }
    if (sum != READS_A_TURN * (READS_A_TURN - 1L) / 2) {
      throw new IllegalStateException(contender + " read the wrong rows");
    }
  }
}
