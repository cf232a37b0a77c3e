package io.headroom.benchmarks;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.atMostSum;

import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Reach;
import io.headroom.benchmarks.report.Section;
import java.util.List;

/** The groups of the layers put together: titles, words and bounds. How they run is beside them. */
final class PathGroups {
  static final String OURS = Labels.HEADROOM + ", limit → guard → cache";
  static final String IN_CONTEXT = OURS + ", in a request context";
  static final String LIMIT_ALONE = Labels.HEADROOM + ", the limit alone";
  static final String DOOR_ALONE = Labels.HEADROOM + ", the guard's door alone";
  static final String PEERS = "Bucket4j, Resilience4j Bulkhead, Caffeine";
  static final String BARE_GET = "a GET of Lettuce's, and Jackson";
  static final String ASYNC_GET = "the same by its asynchronous commands, and a wait";
  static final String BARE_POOL = "the replica's pool, picked by hand";
  static final String WHOLE = Labels.HEADROOM + ", limit → guard → shard → replica";

  private PathGroups() {}

  static List<Group> all() {
    return List.of(local(), shared(), database());
  }

  private static Group local() {
    Section section =
        new Section(
            "The whole way of a request to a value in the process",
            "A limit of the user's, asked and admitted; the guard's door, asked, and told of the"
                + " end; a value from the cache. 10,000 users, one thread, no load. The context has"
                + " a deadline and the user's cohort. The peers are put together as one would"
                + " without us: none of them knows of the others.",
            "",
            OURS,
            List.of(
                Reach.of(
                    "< 1 µs, without / with a request context",
                    atMost(OURS, "", Metric.TIME, 1_000),
                    atMost(IN_CONTEXT, "", Metric.TIME, 1_000)),
                Reach.of(
                    "allocates the decisions alone, the limit's and the door's",
                    atMostSum(OURS, List.of(LIMIT_ALONE, DOOR_ALONE), "", Metric.ALLOCATED))));
    return new Group("PathLocal", section, PathMeasurements::local);
  }

  private static Group shared() {
    Section section =
        new Section(
            "The whole way of a request to a value in Redis",
            "The same with a request context, where the process keeps nothing and Redis has the"
                + " value, by two threads at once; both read the same JSON. They take turns in one"
                + " JVM, 20 values a thread, in random order: medians over the rounds, with the"
                + " 99.9 % interval of the difference.",
            "",
            OURS,
            List.of(Reach.of("≤ 1.3× the bare GET", atMost(OURS, "", Metric.OVER_BARE, 0.3))));
    return new Group("PathShared", section, PathMeasurements::shared);
  }

  private static Group database() {
    Section section =
        new Section(
            "The whole way of a request to a row on a replica",
            "A read-only transaction of one row, as in ReadPostgres, on two shards of a primary and"
                + " a replica each; ours in a request context, and with every pool guarded. Turns"
                + " as above.",
            "",
            WHOLE,
            List.of(
                Reach.of(
                    "within 5 % of the pool picked by hand",
                    atMost(WHOLE, "", Metric.OVER_BARE, 0.05))));
    return new Group("PathDatabase", section, PathMeasurements::database);
  }
}
