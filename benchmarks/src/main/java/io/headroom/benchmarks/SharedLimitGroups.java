package io.headroom.benchmarks;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.timesFaster;
import static io.headroom.benchmarks.report.Reach.timesLess;

import io.headroom.benchmarks.limits.SharedContender;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.HotLimit;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Reach;
import io.headroom.benchmarks.report.Sample;
import io.headroom.benchmarks.report.Section;
import io.headroom.testkit.servers.RedisServer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The groups of rate limits in Redis: titles, words and bounds, and how figures are taken. */
final class SharedLimitGroups {
  private static final String OURS = Labels.HEADROOM;
  private static final String LEASED = "**Headroom** leased";
  private static final String BARE = "the script alone, by Lettuce";
  private static final String BUCKET4J = "Bucket4j, Lettuce";
  private static final String BATCHING = "Bucket4j, batching";
  private static final String REDISSON = "Redisson RRateLimiter";

  private SharedLimitGroups() {}

  static List<Group> all() {
    return List.of(hot());
  }

  private static Group hot() {
    Section section =
        new Section(
            "A rate limit in Redis that all ask for",
            "One key of a billion permits a second; threads of one process that each ask again as"
                + " soon as they have an answer, all of them on this machine's two cores together"
                + " with the server. Turns of half a second, in random order, after as many as a"
                + " quarter of them to warm up. Time is a thread's for one decision; round trips"
                + " are the server's reads of sockets.",
            "threads",
            OURS,
            List.of(
                Reach.of("1 thread: ≥ 0.95× the script alone", faster(BARE, 1, 0.95)),
                aheadOf(16),
                aheadOf(64),
                Reach.of(
                    "leased, 1 thread: ≥ 100× that in Redis, ≤ 0.01 round trips",
                    timesFaster(LEASED, OURS, "1", 100),
                    atMost(LEASED, "1", Metric.ROUND_TRIPS, 0.01))));
    return new Group("LimitRedis", section, SharedLimitGroups::measure);
  }

  private static Reach.Term faster(String peer, int threads, double times) {
    return timesFaster(OURS, peer, Integer.toString(threads), times);
  }

  private static Reach aheadOf(int threads) {
    List<Reach.Term> terms = new ArrayList<>();
    for (String peer : List.of(BUCKET4J, BATCHING, REDISSON)) {
      terms.add(faster(peer, threads, 1));
      terms.add(timesLess(OURS, peer, Integer.toString(threads), Metric.P99, 1));
    }
    return new Reach(
        threads
            + " threads: faster, and the 99th percentile lower, than "
            + BUCKET4J
            + "; "
            + BATCHING
            + "; "
            + REDISSON,
        terms);
  }

  private static List<Sample> measure(Settings settings) throws Exception {
    Map<SharedContender, String> labels = new EnumMap<>(SharedContender.class);
    labels.put(SharedContender.HEADROOM, OURS);
    labels.put(SharedContender.LEASED, LEASED);
    labels.put(SharedContender.BARE, BARE);
    labels.put(SharedContender.BUCKET4J, BUCKET4J);
    labels.put(SharedContender.BUCKET4J_BATCHING, BATCHING);
    labels.put(SharedContender.REDISSON, REDISSON);
    Map<String, Double> figures;
    try (RedisServer redis = RedisServer.start()) {
      figures =
          ChildJvm.run(
              HotLimit.class,
              System.getProperty("java.class.path"),
              List.of("-Xmx1g"),
              List.of(settings.quick() ? "2" : "8", redis.uri()));
    }
    List<Sample> samples = new ArrayList<>();
    for (int threads : HotLimit.THREADS) {
      labels.forEach(
          (contender, label) -> {
            add(samples, figures, contender, label, threads, HotLimit.TIME, Metric.TIME);
            add(samples, figures, contender, label, threads, HotLimit.P99, Metric.P99);
            add(samples, figures, contender, label, threads, HotLimit.RATE, Metric.DECISIONS);
            add(
                samples,
                figures,
                contender,
                label,
                threads,
                HotLimit.ROUND_TRIPS,
                Metric.ROUND_TRIPS);
          });
    }
    return samples;
  }

  private static void add(
      List<Sample> samples,
      Map<String, Double> figures,
      SharedContender contender,
      String label,
      int threads,
      String figure,
      Metric metric) {
    double value = figures.get(HotLimit.name(contender, threads, figure));
    samples.add(Sample.of(label, Integer.toString(threads), metric, value));
  }
}
