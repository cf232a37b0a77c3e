package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.peers.ShardAccess;
import java.sql.SQLException;
import java.util.List;

/**
 * The extra time of each contender over the hand-picked pool, to a fraction of a per cent: {@link
 * PairedRounds} of 20 queries a turn, in one JVM and on the same pools. Each contender reads ids
 * that it places on the servers in the same order: a query that comes to the server of the one
 * before takes a tenth less or more time than one that comes to another.
 */
public final class PairedSelect {
  private static final List<Contender> CONTENDERS = List.of(Contender.values());

  /** Added to a contender's name: half the width of the interval of its figure. */
  public static final String ERROR = ".error";

  private static final int QUERIES_A_TURN = 20;

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
      int shards = fleet.pools().size();
      ShardAccess[] accesses = new ShardAccess[CONTENDERS.size()];
      long[][] ids = new long[accesses.length][];
      for (int i = 0; i < accesses.length; i++) {
        accesses[i] = CONTENDERS.get(i).open(fleet.pools());
        ShardAccess access = accesses[i];
        ids[i] = Accounts.idsInTurn(QUERIES_A_TURN, shards, id -> access.shardOf(id, shards));
      }
      PairedRounds played =
          PairedRounds.play(
              accesses.length, rounds, who -> turn(CONTENDERS.get(who), accesses[who], ids[who]));
      int handPicked = CONTENDERS.indexOf(Contender.HAND_PICKED);
      for (int i = 0; i < accesses.length; i++) {
        PairedRounds.Figure extra = played.extra(i, handPicked);
        ChildJvm.report(CONTENDERS.get(i).name(), extra.median());
        ChildJvm.report(CONTENDERS.get(i).name() + ERROR, extra.error());
      }
    }
    System.exit(0); // some contenders leave threads
  }

  private static double turn(Contender contender, ShardAccess access, long[] ids)
      throws SQLException {
    long wrong = 0;
    long start = System.nanoTime();
    for (long id : ids) {
      wrong |= Accounts.balance(access, id) ^ id;
    }
    double nanos = (double) (System.nanoTime() - start);
    if (wrong != 0) {
      throw new IllegalStateException(contender + " read the wrong rows");
    }
    return nanos;
  }
}
