package io.headroom.benchmarks;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.atMostAbove;
import static io.headroom.benchmarks.report.Reach.timesFaster;

import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Reach;
import io.headroom.benchmarks.report.Section;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The groups of the connection guard: titles, words and bounds, and how their figures are taken.
 */
final class GuardGroups {
  private static final String OURS = Labels.HEADROOM;
  private static final String BARE = "the pool alone";
  private static final String RESILIENCE4J = "Resilience4j Bulkhead";
  private static final String NETFLIX = "concurrency-limits SimpleLimiter";
  private static final String SENTINEL = "Sentinel";

  /**
   * Bytes of a hold, a binding, its request, and the lazy connection and statement of all sources.
   */
  private static final double WRAPPERS = 250;

  private GuardGroups() {}

  static List<Group> all() {
    return List.of(borrow(), crowd(), admit());
  }

  private static Group borrow() {
    Section section =
        new Section(
            "A guarded connection, without contention",
            "getConnection, prepareStatement, both closed, on a stub pool whose driver answers at"
                + " once and allocates nothing; one thread. Ours includes its lazy connection and"
                + " statement; the others only count.",
            "",
            OURS,
            List.of(
                Reach.of(
                    "≤ 150 ns over the pool alone", atMostAbove(OURS, BARE, "", Metric.TIME, 150)),
                Reach.of(
                    "allocates the wrappers alone: ≤ 250 bytes",
                    atMost(OURS, "", Metric.ALLOCATED, WRAPPERS))));
    return new Group(
        "GuardBorrow",
        section,
        settings -> JmhRun.take(settings, labels(), List.of(), GuardBorrow.class));
  }

  private static Group crowd() {
    Section section =
        new Section(
            "64 threads on a guarded pool of ten connections",
            "The same on a HikariCP pool over the stub. Given back after 100 µs, as by a query, ten"
                + " connections are what all wait for; given back at once they are enough for two"
                + " cores, and what is measured is the code alone. Time is a call's as its thread"
                + " sees it, waiting for its turn included: throughput is 64 by it.",
            "given back",
            OURS,
            List.of(
                Reach.of(
                    "≥ 0.97× HikariCP alone, where they wait",
                    timesFaster(OURS, BARE, GuardCrowd.QUERY, 0.97)),
                Reach.of(
                    "≥ 0.97× HikariCP alone, where they do not",
                    timesFaster(OURS, BARE, GuardCrowd.AT_ONCE, 0.97))));
    return new Group(
        "GuardCrowd",
        section,
        settings -> JmhRun.take(settings, labels(), List.of(), GuardCrowd.class));
  }

  private static Group admit() {
    Section section =
        new Section(
            "Asking at the door",
            "One thread, no load: asked, admitted, ended. Ours looks at the request's context and"
                + " at the pool with the most room; the others have one bound of 100 at once.",
            "",
            OURS,
            List.of(
                Reach.of("≤ 60 ns", atMost(OURS, "", Metric.TIME, 60)),
                Reach.of("faster than Sentinel", timesFaster(OURS, SENTINEL, "", 1))));
    return new Group(
        "GuardAdmit",
        section,
        settings ->
            JmhRun.take(
                settings,
                labels(),
                List.of("-Dcsp.sentinel.log.dir=target/sentinel"),
                GuardAdmit.class));
  }

  private static Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("headroom", OURS);
    labels.put("bare", BARE);
    labels.put("resilience4j", RESILIENCE4J);
    labels.put("concurrencyLimits", NETFLIX);
    labels.put("sentinel", SENTINEL);
    return labels;
  }
}
