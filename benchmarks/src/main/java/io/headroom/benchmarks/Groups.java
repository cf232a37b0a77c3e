package io.headroom.benchmarks;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.atMostAbove;
import static io.headroom.benchmarks.report.Reach.same;
import static io.headroom.benchmarks.report.Reach.timesFaster;

import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.probe.Footprint;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Reach;
import io.headroom.benchmarks.report.Section;
import java.util.List;
import java.util.stream.Stream;

/** The groups of the page, in its order: titles, words and bounds. How they run is beside them. */
final class Groups {
  private static final double MILLI = 1e6;
  private static final double SECOND = 1e9;

  private Groups() {}

  static List<Group> all() {
    List<Group> sharding =
        List.of(
            routeLong(),
            routeString(),
            selectStub(),
            selectPostgres(),
            footprint(),
            mapBuild(),
            plan());
    return Stream.of(
            sharding,
            ReadGroups.all(),
            CacheGroups.all(),
            SharedCacheGroups.all(),
            LimitGroups.all(),
            SharedLimitGroups.all(),
            GuardGroups.all(),
            PathGroups.all())
        .flatMap(List::stream)
        .toList();
  }

  private static Group routeLong() {
    String ours = Labels.HEADROOM_ORDINAL;
    String shard = Labels.HEADROOM_SHARD;
    String guava = Labels.GUAVA;
    Section section =
        new Section(
            "A long to its shard",
            "Random keys from an array of 65,536, so that the whole look-up table is read. Slots: a"
                + " hundred a shard, at least 16,384, at most 1,048,576. The ring has 160 points a"
                + " shard.",
            "shards",
            ours,
            List.of(
                Reach.of(
                    "ordinal in ≤ 7 ns at 10 / 1,000 / 100,000 shards",
                    atMost(ours, "10", Metric.TIME, 7),
                    atMost(ours, "1,000", Metric.TIME, 7),
                    atMost(ours, "100,000", Metric.TIME, 7)),
                Reach.of(
                    "≥ 8× Guava at 1,000 / 100,000 shards",
                    timesFaster(ours, guava, "1,000", 8),
                    timesFaster(ours, guava, "100,000", 8)),
                Reach.of(
                    "no allocation",
                    atMost(ours, "10", Metric.ALLOCATED, 0.5),
                    atMost(ours, "1,000", Metric.ALLOCATED, 0.5),
                    atMost(ours, "100,000", Metric.ALLOCATED, 0.5)),
                Reach.of(
                    "to the shard object ≥ 3× Guava at 10 / 1,000 / 100,000 shards",
                    timesFaster(shard, guava, "10", 3),
                    timesFaster(shard, guava, "1,000", 3),
                    timesFaster(shard, guava, "100,000", 3))));
    return new Group("RouteLong", section, Measurements::routeLong);
  }

  private static Group routeString() {
    String ours = Labels.HEADROOM;
    Section section =
        new Section(
            "A String to its shard",
            "Random ASCII strings of 10 to 14 characters from an array of 4,096.",
            "shards",
            ours,
            List.of(
                Reach.of(
                    "≤ 25 ns at 10 / 1,000 / 100,000 shards",
                    atMost(ours, "10", Metric.TIME, 25),
                    atMost(ours, "1,000", Metric.TIME, 25),
                    atMost(ours, "100,000", Metric.TIME, 25)),
                Reach.of(
                    "no allocation",
                    atMost(ours, "10", Metric.ALLOCATED, 0.5),
                    atMost(ours, "1,000", Metric.ALLOCATED, 0.5),
                    atMost(ours, "100,000", Metric.ALLOCATED, 0.5))));
    return new Group("RouteString", section, Measurements::routeString);
  }

  private static Group selectStub() {
    String ours = Contender.HEADROOM.label();
    Section section =
        new Section(
            "One SELECT over a stub driver: the library's own cost",
            "Borrow, prepareStatement, setLong, executeQuery, next, getLong, close, on four shards"
                + " whose driver answers at once and allocates nothing. (ShardingSphere reads its"
                + " metadata from a real PostgreSQL when it starts, and has the stub from then"
                + " on.)",
            "",
            ours,
            List.of(Reach.of("≤ 120 ns", atMost(ours, "", Metric.TIME, 120))));
    return new Group("SelectStub", section, Measurements::selectStub);
  }

  private static Group selectPostgres() {
    String ours = Contender.HEADROOM.label();
    Section section =
        new Section(
            "One indexed SELECT on real PostgreSQL",
            "The same on four PostgreSQL servers of this machine through HikariCP pools. A server's"
                + " answer varies by more than the differences looked for, so the last column comes"
                + " from a run in which all contenders take turns in one JVM, blocks of 20 queries"
                + " in random order: the median over its rounds, with its 99.9 % interval.",
            "",
            ours,
            List.of(
                Reach.of(
                    "within 2 % of the hand-picked pool",
                    atMost(ours, "", Metric.OVERHEAD, 0.02))));
    return new Group("SelectPostgres", section, Measurements::selectPostgres);
  }

  private static Group footprint() {
    String ours = Contender.HEADROOM.label();
    String pools = Contender.HAND_PICKED.label();
    Section section =
        new Section(
            "Footprint",
            "Fresh JVMs, medians of seven: four HikariCP pools on running PostgreSQL servers, the"
                + " contender over them, one query. The class path holds what each needs and"
                + " nothing else: ours without Micrometer, which is optional.",
            "",
            "",
            List.of(
                Reach.of(
                    "core + sharding < 300 KB",
                    atMost(Footprint.OURS_ALONE, "", Metric.JAR_BYTES, 300_000)),
                Reach.of(
                    "beyond bare pools (which bring slf4j): core, sharding, jspecify, no other jar",
                    atMostAbove(ours, pools, "", Metric.JARS, 3)),
                Reach.of(
                    "first row within 50 ms of bare pools",
                    atMostAbove(ours, pools, "", Metric.START, 50 * MILLI))));
    return new Group("Footprint", section, Measurements::footprint);
  }

  private static Group mapBuild() {
    String small = "1,000 on 16,384";
    String large = "100,000 on 1,048,576";
    Section section =
        new Section(
            "Building a map, and what it holds",
            "A map from a list of ids, single shots after three to warm up; and the heap that a map"
                + " with its router keeps, as the mean of four, before any shard was looked up,"
                + " after each was, and after each one's id was read (SerialGC: G1 would round"
                + " large arrays up to whole regions).",
            "shards on slots",
            "",
            List.of(
                Reach.of(
                    "100,000 shards on 2^20 slots in < 2 s",
                    atMost(Labels.BUILD, large, Metric.TIME, 2 * SECOND)),
                Reach.of(
                    "1,000 shards on 16,384 slots in < 20 ms",
                    atMost(Labels.BUILD, small, Metric.TIME, 20 * MILLI)),
                Reach.of("router < 8 MB, fresh", atMost(Labels.FRESH, large, Metric.HEAP, 8e6)),
                Reach.of(
                    "router < 8 MB, every shard looked up",
                    atMost(Labels.RESOLVED, large, Metric.HEAP, 8e6)),
                Reach.of(
                    "router < 8 MB, every shard's id read",
                    atMost(Labels.ID_READ, large, Metric.HEAP, 8e6))));
    return new Group("MapBuild", section, Measurements::mapBuild);
  }

  private static Group plan() {
    Section section =
        new Section(
            "A plan from 1,000 to 1,001 shards",
            "131,072 slots. The fewest moves are counted from the map alone, not by the planner.",
            "first map",
            "",
            List.of(
                Reach.of(
                    "< 100 ms as made / in balance",
                    atMost(Labels.PLAN, PlanGrowth.BOOTSTRAPPED, Metric.TIME, 100 * MILLI),
                    atMost(Labels.PLAN, PlanGrowth.BALANCED, Metric.TIME, 100 * MILLI)),
                Reach.of(
                    "the fewest moves as made / in balance",
                    same(Labels.PLAN, Labels.FEWEST, PlanGrowth.BOOTSTRAPPED, Metric.MOVES),
                    same(Labels.PLAN, Labels.FEWEST, PlanGrowth.BALANCED, Metric.MOVES))));
    return new Group("PlanGrowth", section, Measurements::plan);
  }
}
