package io.headroom.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.peers.ShardAccess;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.PairedSelect;
import io.headroom.benchmarks.probe.StartProbe;
import io.headroom.testkit.servers.PostgresCluster;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All contenders do what they are compared in: a wrong answer would be a fast one. */
class ContendersTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  private static PostgresCluster cluster;
  private static List<String> urls;

  @BeforeAll
  static void start() throws Exception {
    cluster = PostgresCluster.start(1);
    Accounts.create(cluster.server(0).dataSource());
    String url = cluster.server(0).jdbcUrl();
    urls = List.of(url, url, url, url);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void readThroughTheStub() throws Exception {
    for (Contender contender : Contender.values()) {
      SelectStub benchmark = new SelectStub();
      benchmark.contender = contender;
      benchmark.open();
      assertThat(List.of(benchmark.select(), benchmark.select()))
          .as(contender.label())
          .doesNotHaveDuplicates()
          .allSatisfy(id -> assertThat(id).isBetween(0L, (long) Accounts.ROWS));
      benchmark.close();
    }
  }

  @Test
  void readTheirRowsInTurn() throws Exception {
    List<String> arguments = new ArrayList<>(List.of("4"));
    arguments.addAll(urls);
    Map<String, Double> overheads =
        ChildJvm.run(PairedSelect.class, CLASS_PATH, List.of(), arguments);
    for (Contender contender : Contender.values()) {
      assertThat(overheads).containsKeys(contender.name(), contender.name() + PairedSelect.ERROR);
    }
    assertThat(overheads)
        .hasSize(2 * Contender.values().length)
        .containsEntry("HAND_PICKED", 0.0)
        .containsEntry("HAND_PICKED" + PairedSelect.ERROR, 0.0);
  }

  @ParameterizedTest
  @EnumSource(names = {"HAND_PICKED", "SPRING", "HEADROOM", "HEADROOM_BUILDER"})
  void sayTrulyWhereTheyPlaceAnId(Contender contender) throws Exception {
    List<String> named =
        IntStream.range(0, 4).mapToObj(i -> urls.get(i) + "&ApplicationName=shard-" + i).toList();
    try (Fleet fleet = Fleet.open(named);
        ShardAccess shards = contender.open(fleet.pools())) {
      for (long id = 0; id < 40; id++) {
        try (Connection connection = shards.connectionFor(id)) {
          assertThat(connection.getClientInfo("ApplicationName"))
              .as("id %d", id)
              .isEqualTo("shard-" + shards.shardOf(id, 4));
        }
      }
    }
  }

  @Test
  void startInAFreshJvm() throws Exception {
    List<String> arguments = new ArrayList<>(List.of(Contender.HEADROOM.name()));
    arguments.addAll(urls);
    assertThat(ChildJvm.run(StartProbe.class, CLASS_PATH, List.of(), arguments))
        .containsOnlyKeys("start", "heap", "classes")
        .allSatisfy((name, figure) -> assertThat(figure).isPositive());
  }
}
