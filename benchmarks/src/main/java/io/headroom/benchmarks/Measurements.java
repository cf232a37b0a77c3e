package io.headroom.benchmarks;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.DependencyTree;
import io.headroom.benchmarks.probe.Footprint;
import io.headroom.benchmarks.probe.MapMemory;
import io.headroom.benchmarks.probe.PairedSelect;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Sample;
import io.headroom.sharding.ShardMap;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** How each group's figures are taken. */
final class Measurements {
  private static final int SERVERS = 4;

  private Measurements() {}

  static List<Sample> routeLong(Settings settings) throws Exception {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("headroomOrdinal", Labels.HEADROOM_ORDINAL);
    labels.put("headroomShard", Labels.HEADROOM_SHARD);
    labels.put("guavaConsistentHash", Labels.GUAVA);
    labels.put("hash4jJumpBackHash", Labels.JUMP_BACK);
    labels.put("treeMapRing", Labels.RING);
    return JmhRun.take(settings, labels, List.of(), RouteLong.class, RouteLongRing.class);
  }

  static List<Sample> routeString(Settings settings) throws Exception {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("headroom", Labels.HEADROOM);
    labels.put("guavaMurmur3", Labels.GUAVA_MURMUR3);
    labels.put("hash4jXxh3", Labels.XXH3);
    return JmhRun.take(settings, labels, List.of(), RouteString.class);
  }

  static List<Sample> selectStub(Settings settings) throws Exception {
    return JmhRun.take(settings, contenders(), List.of(), SelectStub.class);
  }

  static List<Sample> selectPostgres(Settings settings) throws Exception {
    try (PostgresCluster cluster = servers()) {
      List<String> urls = urls(cluster);
      List<Sample> samples =
          new ArrayList<>(
              JmhRun.take(
                  settings,
                  contenders(),
                  List.of("-D" + Fleet.URLS + "=" + String.join(",", urls)),
                  SelectPostgres.class));
      String rounds = settings.quick() ? "200" : "10000";
      Map<String, Double> overheads =
          ChildJvm.run(
              PairedSelect.class,
              System.getProperty("java.class.path"),
              List.of("-Xmx512m"),
              Stream.concat(Stream.of(rounds), urls.stream()).toList());
      for (Contender contender : Contender.values()) {
        double overhead = overheads.get(contender.name());
        double error = overheads.get(contender.name() + PairedSelect.ERROR);
        samples.add(new Sample(contender.label(), "", Metric.OVERHEAD, overhead, error));
      }
      return samples;
    }
  }

  static List<Sample> footprint(Settings settings) throws Exception {
    DependencyTree tree = DependencyTree.read(settings.dependencies());
    try (PostgresCluster cluster = servers()) {
      return new Footprint(tree, settings.quick() ? 1 : 7).take(urls(cluster));
    }
  }

  static List<Sample> mapBuild(Settings settings) throws Exception {
    Map<String, String> labels = Map.of("build", Labels.BUILD);
    List<Sample> samples =
        new ArrayList<>(JmhRun.take(settings, labels, List.of(), MapBuild.class));
    addHeap(samples, "1,000 on 16,384", "1000", "16384");
    addHeap(samples, "100,000 on 1,048,576", "100000", "1048576");
    return samples;
  }

  private static void addHeap(List<Sample> samples, String scenario, String... arguments)
      throws Exception {
    Map<String, Double> heap =
        ChildJvm.run(
            MapMemory.class,
            System.getProperty("java.class.path"),
            List.of("-Xmx1g", "-XX:+UseSerialGC"), // G1 rounds large arrays up to regions
            List.of(arguments));
    Map<String, String> labels =
        Map.of(
            MapMemory.FRESH, Labels.FRESH,
            MapMemory.RESOLVED, Labels.RESOLVED,
            MapMemory.ID_READ, Labels.ID_READ);
    heap.forEach(
        (name, bytes) ->
            samples.add(
                Sample.of(Objects.requireNonNull(labels.get(name)), scenario, Metric.HEAP, bytes)));
  }

  static List<Sample> plan(Settings settings) throws Exception {
    Map<String, String> labels = Map.of("plan", Labels.PLAN);
    List<Sample> samples =
        new ArrayList<>(JmhRun.take(settings, labels, List.of(), PlanGrowth.class));
    for (String start : List.of(PlanGrowth.BOOTSTRAPPED, PlanGrowth.BALANCED)) {
      ShardMap map = PlanGrowth.startingMap(start);
      int moves = PlanGrowth.grow(map).moveCount();
      samples.add(Sample.of(Labels.PLAN, start, Metric.MOVES, moves));
      samples.add(Sample.of(Labels.FEWEST, start, Metric.MOVES, PlanGrowth.fewestMoves(map)));
    }
    return samples;
  }

  private static Map<String, String> contenders() {
    Map<String, String> labels = new LinkedHashMap<>();
    for (Contender contender : Contender.values()) {
      labels.put(contender.name(), contender.label());
    }
    return labels;
  }

  private static PostgresCluster servers() throws SQLException {
    PostgresCluster cluster = PostgresCluster.start(SERVERS);
    for (PostgresServer server : cluster.servers()) {
      Accounts.create(server.dataSource());
    }
    return cluster;
  }

  private static List<String> urls(PostgresCluster cluster) {
    return cluster.servers().stream().map(PostgresServer::jdbcUrl).toList();
  }
}
