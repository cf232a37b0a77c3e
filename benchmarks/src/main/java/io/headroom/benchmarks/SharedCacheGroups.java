package io.headroom.benchmarks;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.timesFaster;
import static io.headroom.benchmarks.report.Reach.timesLess;

import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Reach;
import io.headroom.benchmarks.report.Section;
import java.util.List;

/**
 * The groups of caches on Redis: titles, words and bounds. How they run is beside them. The bounds
 * are those of the contender named {@link Labels#HEADROOM}.
 */
final class SharedCacheGroups {
  private static final String OURS = Labels.HEADROOM;
  private static final String BOTH = CacheContender.HEADROOM_BOTH.label();
  private static final String BARE = CacheContender.LETTUCE.label();
  private static final String BUCKET = CacheContender.REDISSON_BUCKET.label();
  private static final double MILLI = 1e6;
  private static final double LEVEL = 1 / 1.05; // what two runs of the same differ by

  private SharedCacheGroups() {}

  static List<Group> all() {
    return List.of(hit(), miss(), coldKey(), clusterGetAll(), invalidationSpread());
  }

  private static Group hit() {
    Section section =
        new Section(
            "A value that Redis has",
            "One thread, 1,000 keys of which random ones are asked for, on a Redis of this machine;"
                + " nothing is kept in the process. Values are a record of seven fields, some 200"
                + " bytes of JSON by Jackson for all. The bytes are those of all threads, the"
                + " client's own too.",
            "",
            OURS,
            List.of(
                Reach.of("≤ 1.1× bare Lettuce", timesFaster(OURS, BARE, "", 1 / 1.1)),
                Reach.of("≤ 3 KB", atMost(OURS, "", Metric.ALLOCATED, 3 * 1024)),
                Reach.of("level with Redisson or faster", timesFaster(OURS, BUCKET, "", LEVEL))));
    return new Group("SharedHit", section, SharedCacheMeasurements::sharedHit);
  }

  private static Group miss() {
    Section section =
        new Section(
            "A value that is nowhere",
            "The same, with keys that nobody has asked for before, and a source that answers at"
                + " once: what it costs to look, and to store. Headroom's callers do not wait until"
                + " it is stored, the others' do. JetCache has one load for a key and process,"
                + " Redisson's MapLoader has a lock in Redis for one in the fleet; bare Lettuce and"
                + " RBucket have neither.",
            "",
            OURS,
            List.of(Reach.of("≤ 1.2× bare Lettuce", timesFaster(OURS, BARE, "", 1 / 1.2))));
    return new Group("SharedMiss", section, SharedCacheMeasurements::sharedMiss);
  }

  private static Group coldKey() {
    Section section =
        new Section(
            "A thousand callers and one cold key",
            "A thousand threads of each process ask at once for a key that is nowhere and takes 50"
                + " ms to load: the most loads in a round, of all processes together, and how long"
                + " the slowest hundredth of the callers waits. Redisson's time-out for a"
                + " subscription is raised from 7.5 to 60 s. A process is a client with its own"
                + " connections, level and source; they share a JVM.",
            "processes",
            OURS,
            List.of(
                Reach.of(
                    "one load in one process / in the fleet of three",
                    atMost(OURS, "1", Metric.LOADS, 1),
                    atMost(OURS, "3", Metric.LOADS, 1))));
    return new Group("ColdKey", section, SharedCacheMeasurements::coldKey);
  }

  private static Group clusterGetAll() {
    Section section =
        new Section(
            "A hundred values of a Redis cluster",
            "100 random ones of 1,000 that are there, on three primaries and three replicas of"
                + " this machine, which are read from the primaries; nothing is kept in the"
                + " process. All take turns of 100 calls in one JVM, one thread. A round trip is a"
                + " read of a server's socket, a command what the servers count. Redisson's RMap is"
                + " one hash on one node: one command, and no other node to share the load with.",
            "",
            OURS,
            List.of(
                Reach.of(
                    "fewer round trips than bare Lettuce / Redisson RBucket",
                    timesLess(OURS, BARE, "", Metric.ROUND_TRIPS, 1.01),
                    timesLess(OURS, BUCKET, "", Metric.ROUND_TRIPS, 1.01)),
                Reach.of(
                    "lower 99th percentile than bare Lettuce / Redisson RBucket",
                    timesLess(OURS, BARE, "", Metric.P99, 1),
                    timesLess(OURS, BUCKET, "", Metric.P99, 1))));
    return new Group("ClusterGetAll", section, SharedCacheMeasurements::clusterGetAll);
  }

  private static Group invalidationSpread() {
    Section section =
        new Section(
            "An invalidation seen by ten processes",
            "All ten hold the value; the time from the start of one's invalidating call until none"
                + " would serve the old one, looked at every 50 µs. A process is a client with its"
                + " own connections and level; they share a JVM, and so a clock.",
            "",
            BOTH,
            List.of(Reach.of("99th percentile < 20 ms", atMost(BOTH, "", Metric.P99, 20 * MILLI))));
    return new Group("InvalidationSpread", section, SharedCacheMeasurements::invalidationSpread);
  }
}
