package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Nodes that say what a test wants: a primary at index 0, and replicas. */
final class ReplicaFleet {

  static final Duration SLOW_START = Duration.ofSeconds(20);
  static final Duration SAMPLE_AGE = Duration.ofSeconds(5);

  final HandTime time = new HandTime();
  final List<Node> nodes = new ArrayList<>();
  TimelineEnds ends = TimelineEnds.NONE;
  long refused;
  @Nullable Node primary;
  long tried;

  /** One primary and so many replicas, all up, on timeline 1 at position 1000. */
  static ReplicaFleet of(int replicas) {
    ReplicaFleet fleet = new ReplicaFleet();
    for (int index = 0; index <= replicas; index++) {
      fleet.add(1, null, false, 10);
    }
    fleet.primaryIs(0);
    return fleet;
  }

  static ReplicaFleet empty() {
    return new ReplicaFleet();
  }

  /** Adds a node that has answered as a replica. */
  Node add(double weight, @Nullable String zone, boolean backup, int capacity) {
    int index = nodes.size();
    String name = "node-" + index;
    Node node =
        new Node(
            index,
            new NodeSettings(name, weight, zone, backup, capacity, name),
            request -> {
              throw new SQLException("no connections here");
            },
            new PoolControl(new PGSimpleDataSource()),
            new NodeLoad(Duration.ofSeconds(10), SLOW_START),
            new NodeHealth(name, EjectionSettings.DEFAULT, time, new NodeHealth.Listener() {}));
    nodes.add(node);
    replica(index, 1, 1000);
    return node;
  }

  void primaryIs(int index) {
    primary = nodes.get(index);
    answers(index, NodeRole.PRIMARY, OptionalLong.of(1), 1000, true, Optional.empty());
  }

  /** The node answers a probe now. */
  void replica(int index, long timeline, long position) {
    Optional<Duration> sinceReplay = Optional.of(Duration.ZERO);
    answers(index, NodeRole.REPLICA, OptionalLong.of(timeline), position, true, sinceReplay);
  }

  void answers(
      int index,
      NodeRole role,
      OptionalLong timeline,
      long position,
      boolean streaming,
      Optional<Duration> sinceReplay) {
    NodeStatus status =
        new NodeStatus(role, "c", "i" + index, timeline, position, streaming, sinceReplay);
    nodes.get(index).answered(new Sample(time.nanoTime(), time.nanoTime(), status));
  }

  void ejected(int index) {
    for (int failures = 0; failures < 10; failures++) {
      nodes.get(index).health().failed();
    }
  }

  Topology topology() {
    return new Topology(1, primary, 1, ends, refused, primary == null ? "none" : null);
  }

  ReadChooser chooser(@Nullable String zone) {
    SplittableRandom random = new SplittableRandom(42);
    return new ReadChooser(nodes, zone, SAMPLE_AGE, random::nextLong);
  }

  Choice choose(ReadNeed need) {
    return chooser(null).choose(topology(), need, tried, time.nanoTime());
  }

  static ReadNeed after(long timeline, long position) {
    return new ReadNeed(Consistency.READ_YOUR_WRITES, new Position(timeline, position));
  }

  static ReadNeed within(Duration lag) {
    return new ReadNeed(Consistency.bounded(lag), null);
  }
}
