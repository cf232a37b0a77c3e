package io.headroom.benchmarks;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.timesFaster;

import io.headroom.benchmarks.limits.Rate;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.LimitMemory;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Reach;
import io.headroom.benchmarks.report.Sample;
import io.headroom.benchmarks.report.Section;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The groups of rate limits: titles, words and bounds, and how their figures are taken. */
final class LimitGroups {
  private static final String OURS = "**Headroom** TokenBucket";
  private static final String OURS_COUNTING = "**Headroom** RateLimiter";
  private static final String OURS_KEYED = Labels.HEADROOM;
  private static final String BUCKET4J = "Bucket4j";
  private static final String GUAVA = "Guava RateLimiter";
  private static final String RESILIENCE4J = "Resilience4j";
  private static final String CLOCK = "System.nanoTime() alone";
  private static final String BUCKET4J_KEYED = "Bucket4j in a Caffeine map";
  private static final String RESILIENCE4J_KEYED = "Resilience4j registry";
  private static final String ONE_THREAD = ", 1 thread";
  private static final String TWO_THREADS = ", 2 threads";
  private static final double MICRO = 1e3;

  private LimitGroups() {}

  static List<Group> all() {
    return List.of(local(), shared(), keyed(), memory());
  }

  private static Group local() {
    Section section =
        new Section(
            "A rate limit in the process",
            "One thread, one limit for all who ask. Admitted: a billion a second, which it cannot"
                + " use up. Refused: one a day, which is taken. Bucket4j is as its builder makes"
                + " it, lock-free and on the clock of milliseconds; the others read"
                + " System.nanoTime(). RateLimiter counts its decisions, TokenBucket and the"
                + " others do not. Operations a µs are 1,000 ns through the time.",
            "outcome",
            OURS,
            List.of(
                Reach.of(
                    "admitted ≥ 27 / refused ≥ 33 operations a µs: ≤ 37.0 / 30.3 ns",
                    atMost(OURS, Rate.ADMITTED, Metric.TIME, MICRO / 27),
                    atMost(OURS, Rate.REFUSED, Metric.TIME, MICRO / 33))));
    return new Group(
        "LimitLocal",
        section,
        settings -> JmhRun.take(settings, single(), List.of(), LimitLocal.class));
  }

  private static Group shared() {
    Section section =
        new Section(
            "A rate limit in the process that two threads share",
            "The same by two threads at once. The time is that of a call as its thread sees it,"
                + " beside the other thread's: operations a µs, of both together, are 2,000 ns"
                + " through it.",
            "outcome",
            OURS,
            List.of(
                Reach.of(
                    "admitted ≥ 25 / refused ≥ 60 operations a µs: ≤ 80.0 / 33.3 ns",
                    atMost(OURS, Rate.ADMITTED, Metric.TIME, 2 * MICRO / 25),
                    atMost(OURS, Rate.REFUSED, Metric.TIME, 2 * MICRO / 60))));
    return new Group(
        "LimitShared",
        section,
        settings -> JmhRun.take(settings, single(), List.of(), LimitShared.class));
  }

  private static Map<String, String> single() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("headroomBucket", OURS);
    labels.put("headroomLimiter", OURS_COUNTING);
    labels.put("bucket4j", BUCKET4J);
    labels.put("guava", GUAVA);
    labels.put("resilience4j", RESILIENCE4J);
    labels.put("clock", CLOCK);
    return labels;
  }

  private static Group keyed() {
    Section section =
        new Section(
            "Rate limits of a million keys",
            "All keys have asked once before; then they ask as a Zipf distribution of exponent 1"
                + " has them, from an array of 1,048,576 draws. Limits as above, for each key. Time"
                + " is a call's as its thread sees it. Caffeine lets go of what nobody asked for in"
                + " a day (when the slower of the limits is full again), ours of buckets that are"
                + " full, the registry of nothing; its keys are strings, which are ready.",
            "outcome, threads",
            OURS_KEYED,
            List.of(timesAsFast(BUCKET4J_KEYED), timesAsFast(RESILIENCE4J_KEYED)));
    return new Group("LimitKeyed", section, LimitGroups::measureKeyed);
  }

  private static Reach timesAsFast(String peer) {
    return Reach.of(
        "≥ 1.5× " + peer + ", admitted / refused with 1 thread, and with 2",
        timesFaster(OURS_KEYED, peer, Rate.ADMITTED + ONE_THREAD, 1.5),
        timesFaster(OURS_KEYED, peer, Rate.REFUSED + ONE_THREAD, 1.5),
        timesFaster(OURS_KEYED, peer, Rate.ADMITTED + TWO_THREADS, 1.5),
        timesFaster(OURS_KEYED, peer, Rate.REFUSED + TWO_THREADS, 1.5));
  }

  private static List<Sample> measureKeyed(Settings settings) throws Exception {
    List<Sample> samples = new ArrayList<>();
    addKeyed(samples, settings, LimitKeyed.class, ONE_THREAD);
    addKeyed(samples, settings, LimitKeyedShared.class, TWO_THREADS);
    return samples;
  }

  private static void addKeyed(
      List<Sample> samples, Settings settings, Class<?> benchmark, String threads)
      throws Exception {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("headroom", OURS_KEYED);
    labels.put("bucket4j", BUCKET4J_KEYED);
    labels.put("resilience4j", RESILIENCE4J_KEYED);
    for (Sample sample : JmhRun.take(settings, labels, List.of(), benchmark)) {
      samples.add(
          new Sample(
              sample.contender(),
              sample.scenario() + threads,
              sample.metric(),
              sample.value(),
              sample.error()));
    }
  }

  private static Group memory() {
    Section section =
        new Section(
            "What rate limits of a million keys hold",
            "Heap beside the keys, each of which has asked once, in fresh JVMs (SerialGC: G1 would"
                + " round large arrays up to whole regions). A MB is a byte a key.",
            "",
            OURS_KEYED,
            List.of(Reach.of("≤ 130 bytes a key", atMost(OURS_KEYED, "", Metric.HEAP, 130 * 1e6))));
    return new Group("LimitMemory", section, LimitGroups::measureMemory);
  }

  private static List<Sample> measureMemory(Settings settings) throws Exception {
    List<Sample> samples = new ArrayList<>();
    samples.add(Sample.of(OURS_KEYED, "", Metric.HEAP, heap(LimitMemory.HEADROOM)));
    samples.add(Sample.of(BUCKET4J_KEYED, "", Metric.HEAP, heap(LimitMemory.BUCKET4J)));
    return samples;
  }

  private static double heap(String which) throws Exception {
    return ChildJvm.run(
            LimitMemory.class,
            System.getProperty("java.class.path"),
            List.of("-Xmx1g", "-XX:+UseSerialGC"),
            List.of(which))
        .get(which);
  }
}
