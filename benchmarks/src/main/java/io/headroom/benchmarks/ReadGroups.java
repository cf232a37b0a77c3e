package io.headroom.benchmarks;

import static io.headroom.benchmarks.report.Reach.atMost;
import static io.headroom.benchmarks.report.Reach.atMostAbove;
import static io.headroom.benchmarks.report.Reach.timesFaster;
import static io.headroom.benchmarks.report.Reach.timesLess;

import io.headroom.benchmarks.reads.ReadContender;
import io.headroom.benchmarks.report.Metric;
import io.headroom.benchmarks.report.Reach;
import io.headroom.benchmarks.report.Section;
import java.util.List;

/** The groups of replica routing: titles, words and bounds. How they run is beside them. */
final class ReadGroups {
  private ReadGroups() {}

  static List<Group> all() {
    return List.of(routeRead(), readPostgres(), slowReplica(), causalWrite());
  }

  private static Group routeRead() {
    String ours = ReadContender.HEADROOM.label();
    Section section =
        new Section(
            "A read-only transaction over a stub driver: the library's own cost",
            "getConnection, setReadOnly(true), setAutoCommit(false), prepareStatement, setLong,"
                + " executeQuery, next, getLong, commit, close, on a primary and its replicas,"
                + " whose driver answers at once and allocates nothing. (ShardingSphere reads its"
                + " metadata from a real PostgreSQL when it starts, and has the stub from then on."
                + " The AWS wrapper's event log is off: its strings eat the heap here.)",
            "nodes",
            ours,
            List.of(
                fasterThan(ReadContender.SPRING_LAZY),
                fasterThan(ReadContender.SHARDING_SPHERE),
                fasterThan(ReadContender.AWS_WRAPPER),
                Reach.of("< 500 ns with 5 nodes", atMost(ours, "5", Metric.TIME, 500)),
                Reach.of(
                    "< 600 B with 3 / 5 nodes",
                    atMost(ours, "3", Metric.ALLOCATED, 600),
                    atMost(ours, "5", Metric.ALLOCATED, 600))));
    return new Group("RouteRead", section, ReadMeasurements::routeRead);
  }

  private static Reach fasterThan(ReadContender peer) {
    String ours = ReadContender.HEADROOM.label();
    return Reach.of(
        "faster than " + peer.label() + " with 3 / 5 nodes",
        timesFaster(ours, peer.label(), "3", 1),
        timesFaster(ours, peer.label(), "5", 1));
  }

  private static Group readPostgres() {
    String ours = ReadContender.HEADROOM.label();
    Section section =
        new Section(
            "A read-only transaction on real PostgreSQL",
            "The same on a primary and two replicas of this machine through HikariCP pools, by two"
                + " threads at once (with one, waking up a core for each answer is most of the"
                + " time). All contenders take turns in one JVM, 20 transactions a thread, in"
                + " random order: medians over the rounds, with the 99.9 % interval of the"
                + " difference.",
            "",
            ours,
            List.of(
                Reach.of(
                    "within 3 % of the hand-picked replica",
                    atMost(ours, "", Metric.OVERHEAD, 0.03))));
    return new Group("ReadPostgres", section, ReadMeasurements::readPostgres);
  }

  private static Group slowReplica() {
    String ours = ReadContender.HEADROOM.label();
    String inTurn = Labels.ROUND_ROBIN;
    Section section =
        new Section(
            "One slow replica of three",
            "Four threads that each read on as soon as they have an answer, on a primary and three"
                + " replicas of this machine, to one of which every round trip takes 20 ms longer."
                + " The same pools for all, who take turns of a second.",
            "",
            "",
            List.of(
                Reach.of(
                    "99th percentile ≤ 1/3 of round-robin's",
                    timesLess(ours, inTurn, "", Metric.P99, 3)),
                Reach.of(
                    "throughput ≥ 2× round-robin's", timesLess(inTurn, ours, "", Metric.RATE, 2))));
    return new Group("SlowReplica", section, ReadMeasurements::slowReplica);
  }

  private static Group causalWrite() {
    Section section =
        new Section(
            "What causality costs a write",
            "An UPDATE of one row in a transaction on real PostgreSQL, one thread. Whoever reads a"
                + " request's token (to hand it on, or to read again) asks the primary how far its"
                + " log is; whoever does not, does not. Round trips are counted at the sockets.",
            "",
            Labels.NO_CONTEXT,
            List.of(
                Reach.of(
                    "no extra round trip unless the token is read",
                    atMostAbove(Labels.NOT_EXPORTED, Labels.NO_CONTEXT, "", Metric.ROUND_TRIPS, 0)),
                Reach.of(
                    "at most one if it is",
                    atMostAbove(Labels.EXPORTED, Labels.NO_CONTEXT, "", Metric.ROUND_TRIPS, 1))));
    return new Group("CausalWrite", section, ReadMeasurements::causalWrite);
  }
}
