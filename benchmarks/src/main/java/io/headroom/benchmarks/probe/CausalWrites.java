package io.headroom.benchmarks.probe;

import io.headroom.RequestContext;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.reads.HeadroomReads;
import io.headroom.routing.ReplicaDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * What it costs a write transaction that its request remembers it: time, in {@link PairedRounds},
 * and round trips, counted at the sockets.
 */
public final class CausalWrites {
  /** Added to a way's name: nanoseconds of a transaction. */
  public static final String TIME = ".time";

  /** Added to a way's name: round trips of a transaction. */
  public static final String ROUND_TRIPS = ".trips";

  private static final String UPDATE = "UPDATE accounts SET balance = balance WHERE id = ?";
  private static final int WRITES_A_TURN = 20;

  private CausalWrites() {}

  /** How the transaction is run. */
  public enum Way {
    /** On the primary's pool itself. */
    POOL,
    /** On ours, without a request context. */
    NO_CONTEXT,
    /** In a context of its own, whose token nobody reads. */
    NOT_EXPORTED,
    /** In a context of its own, whose token is read at the end, as at the end of a request. */
    EXPORTED
  }

  /**
   * Runs the probe.
   *
   * @param arguments number of rounds, then the JDBC URLs: the primary's first
   * @throws Exception if a transaction fails
   */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    List<String> urls = List.of(arguments).subList(1, arguments.length);
    List<String> counted =
        urls.stream()
            .map(url -> url + "&socketFactory=" + CountingSockets.class.getName())
            .toList();
    try (Fleet probed = Fleet.open(urls, 1);
        Fleet fleet = Fleet.open(counted, 2);
        ReplicaDataSource bank = open(fleet.pools(), probed.pools())) {
      long[] roundTrips = new long[Way.values().length]; // of the last turn
      PairedRounds played =
          PairedRounds.play(
              roundTrips.length,
              rounds,
              way -> {
                long before = CountingSockets.roundTrips();
                double nanos = turn(Way.values()[way], fleet.pools().get(0), bank);
                roundTrips[way] = CountingSockets.roundTrips() - before;
                return nanos;
              });
      for (int i = 0; i < roundTrips.length; i++) {
        Way way = Way.values()[i];
        ChildJvm.report(way + TIME, played.median(i) / WRITES_A_TURN);
        ChildJvm.report(way + ROUND_TRIPS, (double) roundTrips[i] / WRITES_A_TURN);
      }
    }
    System.exit(0);
  }

  /** Its probes have pools of their own, which are not counted. */
  private static ReplicaDataSource open(List<DataSource> nodes, List<DataSource> probed) {
    var builder = HeadroomReads.builder(nodes);
    for (int i = 0; i < nodes.size(); i++) {
      builder.probeVia("node-" + i, probed.get(i));
    }
    return builder.build();
  }

  private static double turn(Way way, DataSource pool, ReplicaDataSource bank) throws SQLException {
    long start = System.nanoTime();
    for (int id = 0; id < WRITES_A_TURN; id++) {
      switch (way) {
        case POOL -> write(pool, id);
        case NO_CONTEXT -> write(bank, id);
        case NOT_EXPORTED -> writeInContext(bank, id);
        case EXPORTED -> {
          if (writeInContext(bank, id).token().isEmpty()) {
            throw new IllegalStateException("the request does not remember its write");
          }
        }
      }
    }
    return (double) (System.nanoTime() - start);
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private static RequestContext writeInContext(DataSource bank, long id) throws SQLException {
    RequestContext context = RequestContext.builder().build();
    try (RequestContext.Scope scope = context.attach()) {
      write(bank, id);
    }
    return context;
  }

  private static void write(DataSource bank, long id) throws SQLException {
    try (Connection connection = bank.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
        statement.setLong(1, id);
        statement.executeUpdate();
      }
      connection.commit();
    }
  }
}
