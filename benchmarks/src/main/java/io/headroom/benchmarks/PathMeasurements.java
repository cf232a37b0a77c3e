package io.headroom.benchmarks;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.PairedDatabasePath;
import io.headroom.benchmarks.probe.PairedSharedPath;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Sample;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the figures of the layers put together are taken. */
final class PathMeasurements {
  private static final int SHARDS = 2;

  private PathMeasurements() {}

  static List<Sample> local(Settings settings) throws Exception {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("headroom", PathGroups.OURS);
    labels.put("headroomInContext", PathGroups.IN_CONTEXT);
    labels.put("limitAlone", PathGroups.LIMIT_ALONE);
    labels.put("doorAlone", PathGroups.DOOR_ALONE);
    labels.put("peers", PathGroups.PEERS);
    return JmhRun.take(settings, labels, List.of(), PathLocal.class);
  }

  static List<Sample> shared(Settings settings) throws Exception {
    try (RedisServer redis = RedisServer.start()) {
      Map<String, Double> figures =
          probe(PairedSharedPath.class, settings.quick() ? "100" : "5000", List.of(redis.uri()));
      List<Sample> samples = new ArrayList<>();
      samples.addAll(paired(PathGroups.BARE_GET, PairedSharedPath.BARE, figures));
      samples.addAll(paired(PathGroups.ASYNC_GET, PairedSharedPath.ASYNC, figures));
      samples.addAll(paired(PathGroups.OURS, PairedSharedPath.WHOLE, figures));
      return samples;
    }
  }

  static List<Sample> database(Settings settings) throws Exception {
    try (PostgresCluster cluster =
        PostgresCluster.builder()
            .primaries(SHARDS)
            .replicas(PairedDatabasePath.NODES - 1)
            .start()) {
      List<String> urls = new ArrayList<>();
      for (PostgresServer primary : cluster.primaries()) {
        Accounts.create(primary.dataSource());
        urls.add(primary.jdbcUrl());
        for (PostgresServer replica : cluster.replicasOf(primary)) {
          replica.awaitReplayOf(primary);
          urls.add(replica.jdbcUrl());
        }
      }
      Map<String, Double> figures =
          probe(PairedDatabasePath.class, settings.quick() ? "100" : "5000", urls);
      List<Sample> samples = new ArrayList<>();
      samples.addAll(paired(PathGroups.BARE_POOL, PairedDatabasePath.BARE, figures));
      samples.addAll(paired(PathGroups.WHOLE, PairedDatabasePath.WHOLE, figures));
      return samples;
    }
  }

  private static Map<String, Double> probe(Class<?> main, String rounds, List<String> more)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of(rounds));
    arguments.addAll(more);
    return ChildJvm.run(
        main, System.getProperty("java.class.path"), List.of("-Xmx512m"), arguments);
  }

  private static List<Sample> paired(String label, String name, Map<String, Double> figures) {
    return Paired.samples(label, name, Metric.OVER_BARE, figures);
  }
}
