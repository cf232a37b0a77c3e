package io.headroom.benchmarks;

import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.caches.CacheSetup;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.ClusterGetAll;
import io.headroom.benchmarks.probe.ColdKey;
import io.headroom.benchmarks.probe.InvalidationSpread;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Sample;
import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How the figures of caches on Redis are taken. */
final class SharedCacheMeasurements {
  private static final String CALLERS = "1000"; // of each process

  private SharedCacheMeasurements() {}

  /** Runs JMH classes with a Redis server beside them. */
  static List<Sample> onRedis(Settings settings, Map<String, String> labels, Class<?>... classes)
      throws Exception {
    try (RedisServer redis = RedisServer.start()) {
      List<String> properties = List.of("-D" + CacheSetup.URIS + "=" + redis.uri());
      return JmhRun.take(settings, labels, properties, classes);
    }
  }

  static List<Sample> sharedHit(Settings settings) throws Exception {
    return onRedis(settings, redisAlone(), SharedHit.class);
  }

  static List<Sample> sharedMiss(Settings settings) throws Exception {
    return onRedis(settings, redisAlone(), SharedMiss.class);
  }

  private static Map<String, String> redisAlone() {
    Map<String, String> labels = new LinkedHashMap<>();
    CacheContender.onRedisAlone()
        .forEach(contender -> labels.put(contender.name(), contender.label()));
    return labels;
  }

  static List<Sample> coldKey(Settings settings) throws Exception {
    try (RedisServer redis = RedisServer.start()) {
      Map<String, Double> figures =
          probe(ColdKey.class, settings.quick() ? "1" : "5", List.of(CALLERS, redis.uri()));
      List<Sample> samples = new ArrayList<>();
      for (int processes : ColdKey.PROCESSES) {
        for (CacheContender contender : ColdKey.CONTENDERS) {
          String name = contender + "." + processes;
          String label = contender.label();
          String scenario = Integer.toString(processes);
          double loads = figures.get(name + ColdKey.LOADS);
          double failures = figures.get(name + ColdKey.FAILURES);
          samples.add(Sample.of(label, scenario, Metric.LOADS, loads));
          samples.add(Sample.of(label, scenario, Metric.FAILURES, failures));
          samples.add(Sample.of(label, scenario, Metric.P99, figures.get(name + ColdKey.P99)));
        }
      }
      return samples;
    }
  }

  static List<Sample> clusterGetAll(Settings settings) throws Exception {
    try (RedisCluster cluster = RedisCluster.start()) {
      Map<String, Double> figures =
          probe(ClusterGetAll.class, settings.quick() ? "4" : "100", cluster.uris());
      Map<String, Metric> metrics = new LinkedHashMap<>();
      metrics.put(ClusterGetAll.TIME, Metric.TIME);
      metrics.put(ClusterGetAll.P99, Metric.P99);
      metrics.put(ClusterGetAll.ROUND_TRIPS, Metric.ROUND_TRIPS);
      metrics.put(ClusterGetAll.COMMANDS, Metric.COMMANDS);
      return samples(ClusterGetAll.CONTENDERS, metrics, figures);
    }
  }

  static List<Sample> invalidationSpread(Settings settings) throws Exception {
    try (RedisServer redis = RedisServer.start()) {
      Map<String, Double> figures =
          probe(InvalidationSpread.class, settings.quick() ? "40" : "2000", List.of(redis.uri()));
      Map<String, Metric> metrics = new LinkedHashMap<>();
      metrics.put(InvalidationSpread.TIME, Metric.TIME);
      metrics.put(InvalidationSpread.P99, Metric.P99);
      return samples(InvalidationSpread.CONTENDERS, metrics, figures);
    }
  }

  private static List<Sample> samples(
      List<CacheContender> contenders, Map<String, Metric> metrics, Map<String, Double> figures) {
    List<Sample> samples = new ArrayList<>();
    for (CacheContender contender : contenders) {
      metrics.forEach(
          (name, metric) ->
              samples.add(Sample.of(contender.label(), "", metric, figures.get(contender + name))));
    }
    return samples;
  }

  private static Map<String, Double> probe(Class<?> main, String amount, List<String> more)
      throws Exception {
    return ChildJvm.run(
        main,
        System.getProperty("java.class.path"),
        List.of("-Xmx512m"),
        Stream.concat(Stream.of(amount), more.stream()).toList());
  }
}
