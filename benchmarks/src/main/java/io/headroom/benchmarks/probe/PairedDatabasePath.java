package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.reads.ReadAccess;
import io.headroom.benchmarks.whole.ShardedReads;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;

/**
 * A read-only transaction on a replica of the right shard, by that server's pool picked by hand,
 * and on the whole way of a request: {@link PairedRounds} in which two threads at once do 20 a
 * turn, on the same servers in the same order.
 */
public final class PairedDatabasePath {
  /** The pool picked by hand. */
  public static final String BARE = "bare";

  /** The whole way. */
  public static final String WHOLE = "whole";

  /** Servers of a shard: a primary, which is first, and a replica. */
  public static final int NODES = 2;

  private static final int THREADS = 2;
  private static final int READS_A_TURN = 20;

  private PairedDatabasePath() {}

  /**
   * Runs the probe.
   *
   * @param arguments number of rounds, then the JDBC URLs: each primary's, and its replica's next
   * @throws Exception if one of them fails
   */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    try (Fleet fleet = Fleet.open(List.of(arguments).subList(1, arguments.length), 2 * THREADS)) {
      List<List<DataSource>> shards = new ArrayList<>();
      for (int i = 0; i < fleet.pools().size(); i += NODES) {
        shards.add(fleet.pools().subList(i, i + NODES));
      }
      try (ShardedReads whole = new ShardedReads(shards);
          Workers workers = new Workers(THREADS)) {
        List<Long> ids =
            Arrays.stream(Accounts.idsInTurn(READS_A_TURN, shards.size(), whole::shardOf))
                .boxed()
                .toList();
        PairedWays.play(
            rounds,
            READS_A_TURN,
            workers,
            0,
            List.of(
                new PairedWays.Way(BARE, () -> readByHand(shards, ids)),
                new PairedWays.Way(WHOLE, () -> read(whole, ids))));
      }
    }
    System.exit(0);
  }

  private static void readByHand(List<List<DataSource>> shards, List<Long> ids)
      throws SQLException {
    for (int i = 0; i < ids.size(); i++) {
      DataSource replica = shards.get(i % shards.size()).get(1);
      ReadAccess access = replica::getConnection;
      check(ids.get(i), access.balance(ids.get(i)));
    }
  }

  private static void read(ShardedReads whole, List<Long> ids) throws SQLException {
    for (Long id : ids) {
      check(id, whole.balance(id));
    }
  }

  private static void check(long id, long balance) {
    if (balance != id) {
      throw new IllegalStateException("the wrong row for " + id);
    }
  }
}
