package io.headroom.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.probe.CausalWrites;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.ClosedLoad;
import io.headroom.benchmarks.probe.PairedReads;
import io.headroom.benchmarks.probe.PairedWays;
import io.headroom.benchmarks.reads.HandPickedReads;
import io.headroom.benchmarks.reads.ReadAccess;
import io.headroom.benchmarks.reads.ReadContender;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All contenders do what they are compared in: read on the replicas, and on each of them. */
class ReadContendersTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  private static PostgresCluster cluster;
  private static List<String> urls;
  private static Set<Integer> replicaPorts;

  @BeforeAll
  static void start() throws Exception {
    cluster = PostgresCluster.builder().primaries(1).replicas(2).start();
    PostgresServer primary = cluster.server(0);
    List<PostgresServer> replicas = cluster.replicasOf(primary);
    Accounts.create(primary.dataSource());
    replicas.forEach(replica -> replica.awaitReplayOf(primary));
    urls =
        Stream.concat(Stream.of(primary), replicas.stream()).map(PostgresServer::jdbcUrl).toList();
    replicaPorts = Set.copyOf(replicas.stream().map(PostgresServer::port).toList());
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @EnumSource(ReadContender.class)
  void readsOnEachOfTheReplicas(ReadContender contender) throws Exception {
    try (Fleet fleet = Fleet.open(urls);
        ReadAccess reads = contender.open(fleet.pools())) {
      assertReadsOnReplicas(reads);
      assertThat(reads.balance(42)).isEqualTo(42);
    }
  }

  @Test
  void readsOnAnyOfTheReplicas() throws Exception {
    try (Fleet fleet = Fleet.open(urls)) {
      assertReadsOnReplicas(HandPickedReads.atRandom(fleet.pools()));
    }
  }

  private static void assertReadsOnReplicas(ReadAccess reads) throws SQLException {
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      seen.add(port(reads));
    }
    assertThat(seen).isEqualTo(replicaPorts);
  }

  private static int port(ReadAccess reads) throws SQLException {
    try (Connection connection = reads.getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      int port;
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT inet_server_port() FROM accounts LIMIT 1")) {
        row.next();
        port = row.getInt(1);
      }
      connection.commit();
      return port;
    }
  }

  @ParameterizedTest
  @EnumSource(ReadContender.class)
  void readsThroughTheStub(ReadContender contender) throws Exception {
    for (int nodes : List.of(3, 5)) {
      RouteRead benchmark = new RouteRead();
      benchmark.contender = contender;
      benchmark.nodes = nodes;
      benchmark.open();
      assertThat(List.of(benchmark.read(), benchmark.read()))
          .doesNotHaveDuplicates()
          .allSatisfy(id -> assertThat(id).isBetween(0L, (long) Accounts.ROWS));
      benchmark.close();
    }
  }

  @Test
  void readTheirRowsInTurn() throws Exception {
    Map<String, Double> figures = probe(PairedReads.class, "4");
    assertThat(figures).hasSize(4 * ReadContender.values().length);
    assertThat(figures)
        .containsEntry(ReadContender.HAND_PICKED + PairedWays.EXTRA, 0.0)
        .containsEntry(ReadContender.HAND_PICKED + PairedWays.ERROR, 0.0);
    for (ReadContender contender : ReadContender.values()) {
      assertThat(figures.get(contender + PairedWays.TIME)).isPositive();
      assertThat(figures.get(contender + PairedWays.BYTES)).isPositive();
    }
  }

  @Test
  void readUnderClosedLoad() throws Exception {
    Map<String, Double> figures = probe(ClosedLoad.class, "1");
    assertThat(figures).hasSize(6);
    assertThat(figures.values()).allSatisfy(figure -> assertThat(figure).isPositive());
  }

  @Test
  void writeWithoutAnExtraRoundTripUnlessTheTokenIsRead() throws Exception {
    Map<String, Double> figures = probe(CausalWrites.class, "4");
    double plain = figures.get(CausalWrites.Way.NO_CONTEXT + CausalWrites.ROUND_TRIPS);
    assertThat(figures)
        .containsEntry(CausalWrites.Way.POOL + CausalWrites.ROUND_TRIPS, plain)
        .containsEntry(CausalWrites.Way.NOT_EXPORTED + CausalWrites.ROUND_TRIPS, plain);
    assertThat(figures.get(CausalWrites.Way.EXPORTED + CausalWrites.ROUND_TRIPS))
        .isGreaterThan(plain)
        .isLessThanOrEqualTo(plain + 1);
  }

  private static Map<String, Double> probe(Class<?> main, String amount) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(amount));
    arguments.addAll(urls);
    return ChildJvm.run(main, CLASS_PATH, List.of(), arguments);
  }
}
