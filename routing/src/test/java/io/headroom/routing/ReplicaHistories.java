package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Servers as they truly are, behind a {@link ReplicaFleet} that only knows what they last answered:
 * each has a history, which is how far it went on each timeline. Replicas apply on their own,
 * anybody may be promoted, and a promoted server's former primary goes on writing.
 */
final class ReplicaHistories {

  private static final long PAGE = 8192;

  final ReplicaFleet fleet;
  final List<Position> acknowledged = new ArrayList<>();
  private final List<TreeMap<Long, Long>> histories = new ArrayList<>();
  private final List<Boolean> writes = new ArrayList<>();
  private final int[] follows;
  private long lastTimeline = 1;

  ReplicaHistories(int replicas) {
    this.fleet = ReplicaFleet.of(replicas);
    this.follows = new int[replicas + 1];
    for (int server = 0; server <= replicas; server++) {
      TreeMap<Long, Long> history = new TreeMap<>();
      history.put(1L, 1000L);
      histories.add(history);
      writes.add(server == 0);
    }
  }

  /** Whether the server's data has what lies at or before the position. */
  boolean has(Node node, Position position) {
    Long end = histories.get(node.index()).get(position.incarnation());
    return end != null && end >= position.position();
  }

  /** A writer, be it the right one or not, acknowledges a commit. */
  void write(int server, long bytes, boolean toPageEnd) {
    if (writes.get(server)) {
      TreeMap<Long, Long> history = histories.get(server);
      long end = history.lastEntry().getValue() + bytes + 1;
      end = toPageEnd ? (end / PAGE + 1) * PAGE : end;
      history.put(history.lastKey(), end);
      acknowledged.add(new Position(history.lastKey(), end));
    }
  }

  /** A replica receives and applies some of what its primary has. */
  void apply(int server, long bytes) {
    TreeMap<Long, Long> upstream = histories.get(follows[server]);
    TreeMap<Long, Long> own = histories.get(server);
    if (writes.get(server) || diverged(own, upstream)) {
      return;
    }
    long left = bytes;
    while (left > 0) {
      long timeline = own.lastKey();
      long position = own.lastEntry().getValue();
      long step = Math.min(left, upstream.get(timeline) - position);
      own.put(timeline, position + step);
      left -= step;
      Long next = upstream.higherKey(timeline);
      if (next == null) {
        return;
      }
      if (left > 0) {
        own.put(next, position + step);
      }
    }
  }

  private static boolean diverged(SortedMap<Long, Long> own, SortedMap<Long, Long> upstream) {
    Long shared = upstream.get(own.lastKey());
    return shared == null || shared < own.get(own.lastKey());
  }

  void promote(int server) {
    if (!writes.get(server)) {
      TreeMap<Long, Long> history = histories.get(server);
      history.put(++lastTimeline, history.lastEntry().getValue());
      writes.set(server, true);
    }
  }

  /** Follows another server, as a new copy of it if it went another way. */
  void follow(int server, int upstream) {
    if (server != upstream) {
      writes.set(server, false);
      follows[server] = upstream;
      if (diverged(histories.get(server), histories.get(upstream))) {
        histories.set(server, new TreeMap<>(histories.get(upstream)));
        fleet.nodes.get(server).failed(); // it is gone while it is copied
      }
    }
  }

  /** A read asks how far the server is by now; it asks nobody on which timeline. */
  void asked(int server) {
    Node node = fleet.nodes.get(server);
    Sample known = node.sample();
    long timeline = histories.get(server).lastKey();
    if (known.status().timeline().getAsLong() == timeline && !writes.get(server)) {
      long position = histories.get(server).get(timeline);
      long now = fleet.time.nanoTime();
      node.told(new Sample(now, now, known.status().withPosition(position)));
    }
  }

  /** A probe reaches the server. */
  void answer(int server) {
    TreeMap<Long, Long> history = histories.get(server);
    long timeline = history.lastKey();
    NodeRole role = writes.get(server) ? NodeRole.PRIMARY : NodeRole.REPLICA;
    fleet.answers(
        server,
        role,
        OptionalLong.of(timeline),
        history.lastEntry().getValue(),
        true,
        Optional.empty());
    if (role == NodeRole.PRIMARY && timeline == lastTimeline) {
      fleet.primary = fleet.nodes.get(server);
      fleet.ends =
          TimelineEnds.of(timeline); // as far as this server's history goes, and no other's
      history
          .headMap(timeline)
          .forEach((earlier, end) -> fleet.ends = fleet.ends.with(earlier, end));
    }
  }
}
