package io.headroom.testkit.servers;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * The shape that a cluster has at its start: each primary with an equal share of the slots, and one
 * replica.
 *
 * <p>It is made of single nodes as {@code redis-cli --cluster create} does it, and found again
 * after a test has failed nodes over.
 */
final class ClusterFormation {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration REPAIR_LIMIT = Duration.ofSeconds(8);

  private final List<RedisServer> primaries;
  private final List<RedisServer> replicas;
  private final List<RedisServer> nodes;

  /** Replica n belongs to primary n. */
  ClusterFormation(List<RedisServer> nodes) {
    int half = nodes.size() / 2;
    this.nodes = List.copyOf(nodes);
    this.primaries = this.nodes.subList(0, half);
    this.replicas = this.nodes.subList(half, nodes.size());
  }

  /** Joins nodes that know nothing of each other. */
  void join() {
    for (int i = 0; i < nodes.size(); i++) {
      nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
    }
    for (int i = 0; i < primaries.size(); i++) {
      String from = Integer.toString(firstSlot(i));
      String to = Integer.toString(firstSlot(i + 1) - 1);
      primaries.get(i).command("CLUSTER", "ADDSLOTSRANGE", from, to);
    }
    for (RedisServer node : nodes) {
      for (RedisServer other : nodes.subList(nodes.indexOf(node) + 1, nodes.size())) {
        node.command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(other.port()));
      }
    }
    await("know each other", LIMIT, () -> nodes.stream().allMatch(this::knowsAll));
    for (int i = 0; i < replicas.size(); i++) {
      String id = primaries.get(i).command("CLUSTER", "MYID").text();
      replicas.get(i).command("CLUSTER", "REPLICATE", id);
    }
    await("have the shape of the start", LIMIT, this::hasShape);
  }

  /** Brings back the roles of the start, of nodes that run. */
  void restore() {
    if (!nodes.stream().allMatch(node -> knowsAll(node) && knowsAllSlots(node))) {
      throw new ServerException(nodes + " have forgotten nodes or slots");
    }
    await("are at one", REPAIR_LIMIT, () -> nodes.stream().allMatch(this::isContent));
    for (int i = 0; i < primaries.size(); i++) {
      if (!ownsItsSlots(primaries.get(i), i)) {
        // Without a vote, which nodes refuse for seconds after they have given one.
        primaries.get(i).command("CLUSTER", "FAILOVER", "TAKEOVER");
      }
    }
    await("have the shape of the start", REPAIR_LIMIT, this::hasShape);
  }

  /** Whether every node sees every other in the role of the start, and replicas stream. */
  boolean hasShape() {
    for (int i = 0; i < primaries.size(); i++) {
      RedisServer primary = primaries.get(i);
      RedisServer replica = replicas.get(i);
      if (!ownsItsSlots(primary, i)
          || !replica.replication().streamsFrom(primary)
          || !nodes.stream().map(ClusterView::of).allMatch(view -> view.has(replica, primary))) {
        return false;
      }
    }
    return nodes.stream().allMatch(this::isContent);
  }

  /** Whether all nodes say that this one owns its share of the slots. */
  private boolean ownsItsSlots(RedisServer primary, int number) {
    ClusterView.Slots share = new ClusterView.Slots(firstSlot(number), firstSlot(number + 1) - 1);
    return nodes.stream()
        .map(ClusterView::of)
        .allMatch(
            view ->
                view.onPort(primary.port())
                    .filter(node -> node.isPrimary() && node.slots().equals(List.of(share)))
                    .isPresent());
  }

  /** Whether a node knows all others as running, serves its slots, and streams if a replica. */
  private boolean isContent(RedisServer node) {
    List<RedisReply> role = node.command("ROLE").elements();
    return knowsAll(node)
        && isOk(node)
        && !ClusterView.of(node).hasFailures()
        && (role.get(0).text().equals("master") || role.get(3).text().equals("connected"));
  }

  static boolean isOk(RedisServer node) {
    String info = node.command("CLUSTER", "INFO").text();
    return Objects.equals(RedisSession.field(info, "cluster_state"), "ok");
  }

  private static boolean knowsAllSlots(RedisServer node) {
    String info = node.command("CLUSTER", "INFO").text();
    return Objects.equals(
        RedisSession.field(info, "cluster_slots_assigned"), Integer.toString(ClusterView.SLOTS));
  }

  private boolean knowsAll(RedisServer node) {
    ClusterView view = ClusterView.of(node);
    return view.nodes().size() == nodes.size()
        && view.nodes().stream().noneMatch(other -> other.flags().contains("handshake"));
  }

  private int firstSlot(int number) {
    return ClusterView.SLOTS * number / primaries.size();
  }

  private void await(String what, Duration limit, BooleanSupplier question) {
    if (!Await.within(limit, question)) {
      throw new ServerException(
          "Within " + limit.toSeconds() + " s, it is not so that " + nodes + " " + what);
    }
  }

  @Override
  public String toString() {
    return "ClusterFormation" + nodes;
  }
}
