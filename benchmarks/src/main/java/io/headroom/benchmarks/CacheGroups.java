package io.headroom.benchmarks;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.timesFaster;
import static io.headroom.benchmarks.report.Reach.timesLess;

import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.probe.CacheMemory;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Reach;
import io.headroom.benchmarks.report.Sample;
import io.headroom.benchmarks.report.Section;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The groups of the cache: titles, words and bounds, and how their figures are taken. */
final class CacheGroups {
  private static final String PLAIN = "Caffeine with TTL";
  private static final String COUNTING = "Caffeine with TTL and stats";
  private static final String OURS = Labels.HEADROOM;

  private CacheGroups() {}

  static List<Group> all() {
    return List.of(hit(), memory());
  }

  private static Group hit() {
    Section section =
        new Section(
            "A cached value that is there",
            "One thread, 10,000 keys of which random ones are asked for. JetCache and Redisson have"
                + " a Redis behind them, which is not asked; Redisson's level in the process is its"
                + " own LRU, with objects as keys.",
            "",
            OURS,
            List.of(
                Reach.of(
                    "≤ 1.5× Caffeine with TTL and stats", timesFaster(OURS, COUNTING, "", 1 / 1.5)),
                Reach.of("no allocation", atMost(OURS, "", Metric.ALLOCATED, 0.5))));
    return new Group("CacheHit", section, CacheGroups::measureHit);
  }

  private static List<Sample> measureHit(Settings settings) throws Exception {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("caffeine", PLAIN);
    labels.put("caffeineCounting", COUNTING);
    CacheContender.onBothLevels()
        .forEach(contender -> labels.put(contender.name(), contender.label()));
    labels.put("headroom", OURS);
    return SharedCacheMeasurements.onRedis(settings, labels, CacheHit.class, CacheHitTiered.class);
  }

  private static Group memory() {
    Section section =
        new Section(
            "A million cached entries",
            "Heap beside keys and values, in fresh JVMs (SerialGC: G1 would round large arrays up"
                + " to whole regions).",
            "",
            OURS,
            List.of(
                Reach.of(
                    "≤ 1.3× Caffeine with TTL", timesLess(OURS, PLAIN, "", Metric.HEAP, 1 / 1.3))));
    return new Group("CacheMemory", section, CacheGroups::measureMemory);
  }

  private static List<Sample> measureMemory(Settings settings) throws Exception {
    List<Sample> samples = new ArrayList<>();
    samples.add(Sample.of(PLAIN, "", Metric.HEAP, heap(CacheMemory.CAFFEINE)));
    samples.add(Sample.of(OURS, "", Metric.HEAP, heap(CacheMemory.HEADROOM)));
    return samples;
  }

  private static double heap(String which) throws Exception {
    return ChildJvm.run(
            CacheMemory.class,
            System.getProperty("java.class.path"),
            List.of("-Xmx1g", "-XX:+UseSerialGC"),
            List.of(which))
        .get(which);
  }
}
