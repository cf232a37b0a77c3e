package io.headroom.benchmarks;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.probe.CausalWrites;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.ClosedLoad;
import io.headroom.benchmarks.probe.PairedReads;
import io.headroom.benchmarks.reads.ReadContender;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Sample;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How the figures of replica routing are taken. */
final class ReadMeasurements {
  private static final Duration SLOWNESS = Duration.ofMillis(20);

  private ReadMeasurements() {}

  static List<Sample> routeRead(Settings settings) throws Exception {
    Map<String, String> labels = new LinkedHashMap<>();
    for (ReadContender contender : ReadContender.values()) {
      labels.put(contender.name(), contender.label());
    }
    return JmhRun.take(settings, labels, List.of(), RouteRead.class);
  }

  static List<Sample> readPostgres(Settings settings) throws Exception {
    try (PostgresCluster cluster = servers(2)) {
      String rounds = settings.quick() ? "100" : "3000";
      Map<String, Double> figures = probe(PairedReads.class, rounds, urls(cluster));
      List<Sample> samples = new ArrayList<>();
      for (ReadContender contender : ReadContender.values()) {
        samples.addAll(
            Paired.samples(contender.label(), contender.name(), Metric.OVERHEAD, figures));
      }
      return samples;
    }
  }

  static List<Sample> slowReplica(Settings settings) throws Exception {
    try (PostgresCluster cluster = servers(3)) {
      List<String> urls = new ArrayList<>(urls(cluster));
      PostgresServer slow = cluster.servers().get(urls.size() - 1);
      try (FaultProxy proxy = FaultProxy.to(slow)) {
        proxy.latency(SLOWNESS);
        urls.set(
            urls.indexOf(slow.jdbcUrl()),
            slow.jdbcUrl().replace(":" + slow.port() + "/", ":" + proxy.port() + "/"));
        return slowReplica(probe(ClosedLoad.class, settings.quick() ? "1" : "5", urls));
      }
    }
  }

  private static List<Sample> slowReplica(Map<String, Double> figures) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(ClosedLoad.IN_TURN, Labels.ROUND_ROBIN);
    labels.put(ClosedLoad.AT_RANDOM, Labels.RANDOM);
    labels.put(ClosedLoad.HEADROOM, ReadContender.HEADROOM.label());
    List<Sample> samples = new ArrayList<>();
    labels.forEach(
        (name, label) -> {
          samples.add(Sample.of(label, "", Metric.P99, figures.get(name + ClosedLoad.P99)));
          samples.add(Sample.of(label, "", Metric.RATE, figures.get(name + ClosedLoad.RATE)));
        });
    return samples;
  }

  static List<Sample> causalWrite(Settings settings) throws Exception {
    try (PostgresCluster cluster = servers(1)) {
      String rounds = settings.quick() ? "50" : "1000";
      Map<String, Double> figures = probe(CausalWrites.class, rounds, urls(cluster));
      Map<CausalWrites.Way, String> labels = new LinkedHashMap<>();
      labels.put(CausalWrites.Way.POOL, Labels.POOL);
      labels.put(CausalWrites.Way.NO_CONTEXT, Labels.NO_CONTEXT);
      labels.put(CausalWrites.Way.NOT_EXPORTED, Labels.NOT_EXPORTED);
      labels.put(CausalWrites.Way.EXPORTED, Labels.EXPORTED);
      List<Sample> samples = new ArrayList<>();
      labels.forEach(
          (way, label) -> {
            double nanos = figures.get(way + CausalWrites.TIME);
            double roundTrips = figures.get(way + CausalWrites.ROUND_TRIPS);
            samples.add(Sample.of(label, "", Metric.TIME, nanos));
            samples.add(Sample.of(label, "", Metric.ROUND_TRIPS, roundTrips));
          });
      return samples;
    }
  }

  private static Map<String, Double> probe(Class<?> main, String amount, List<String> urls)
      throws Exception {
    return ChildJvm.run(
        main,
        System.getProperty("java.class.path"),
        List.of("-Xmx512m"),
        Stream.concat(Stream.of(amount), urls.stream()).toList());
  }

  /** A primary whose replicas have its rows. */
  private static PostgresCluster servers(int replicas) throws SQLException {
    PostgresCluster cluster = PostgresCluster.builder().primaries(1).replicas(replicas).start();
    PostgresServer primary = cluster.primaries().get(0);
    Accounts.create(primary.dataSource());
    cluster.replicasOf(primary).forEach(replica -> replica.awaitReplayOf(primary));
    return cluster;
  }

  private static List<String> urls(PostgresCluster cluster) {
    PostgresServer primary = cluster.primaries().get(0);
    return Stream.concat(Stream.of(primary), cluster.replicasOf(primary).stream())
        .map(PostgresServer::jdbcUrl)
        .toList();
  }
}
