package io.headroom.testkit.servers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A cluster as one of its nodes sees it, or several put together. Immutable. */
record ClusterView(List<Node> nodes) {

  /** The number of slots of every cluster. */
  static final int SLOTS = 16_384;

  /** A line of CLUSTER NODES. */
  record Node(
      String id, int port, Set<String> flags, String primaryId, long epoch, List<Slots> slots) {

    boolean isPrimary() {
      return flags.contains("master");
    }

    boolean hasFailed() {
      return flags.contains("fail") || flags.contains("fail?");
    }

    boolean owns(int slot) {
      return isPrimary() && slots.stream().anyMatch(range -> range.has(slot));
    }
  }

  /** Slots from one to another, both included. */
  record Slots(int first, int last) {

    boolean has(int slot) {
      return first <= slot && slot <= last;
    }

    static Slots parse(String text) {
      String[] ends = text.split("-", 2);
      return new Slots(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
    }
  }

  ClusterView {
    nodes = List.copyOf(nodes);
  }

  static ClusterView of(RedisServer node) {
    return parse(node.command("CLUSTER", "NODES").text());
  }

  /** Reads what CLUSTER NODES prints, as its manual page has it. */
  static ClusterView parse(String text) {
    return new ClusterView(text.lines().map(ClusterView::parseNode).toList());
  }

  private static Node parseNode(String line) {
    String[] fields = line.split(" ", -1);
    String address = fields[1].substring(0, fields[1].indexOf('@'));
    return new Node(
        fields[0],
        Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)),
        Set.of(fields[2].split(",", -1)),
        fields[3],
        Long.parseLong(fields[6]),
        Arrays.stream(fields)
            .skip(8)
            // Slots on their way to another node are in brackets, and listed as well.
            .filter(slots -> !slots.isEmpty() && !slots.startsWith("["))
            .map(Slots::parse)
            .toList());
  }

  /** Who owns a slot; where views differ, by the newest claim. */
  Optional<Node> ownerOf(int slot) {
    return newest(nodes.stream().filter(node -> node.owns(slot)).toList());
  }

  /** The node on a port; where views differ, with its newest configuration. */
  Optional<Node> onPort(int port) {
    return newest(nodes.stream().filter(node -> node.port() == port).toList());
  }

  /** The ports of the nodes that replicate a node. */
  List<Integer> replicasOf(Node primary) {
    return nodes.stream()
        .filter(node -> node.primaryId().equals(primary.id()))
        .map(Node::port)
        .distinct()
        .toList();
  }

  /** Whether one server is seen as the replica of another. */
  boolean has(RedisServer replica, RedisServer primary) {
    return onPort(primary.port())
        .filter(node -> replicasOf(node).contains(replica.port()))
        .isPresent();
  }

  boolean hasFailures() {
    return nodes.stream().anyMatch(Node::hasFailed);
  }

  ClusterView and(ClusterView other) {
    List<Node> all = new ArrayList<>(nodes);
    all.addAll(other.nodes);
    return new ClusterView(all);
  }

  private static Optional<Node> newest(List<Node> claims) {
    return claims.stream().reduce((one, other) -> other.epoch() > one.epoch() ? other : one);
  }
}
