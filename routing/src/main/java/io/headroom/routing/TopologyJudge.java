package io.headroom.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is the primary, from what the nodes say. Pure, and so thread-safe.
 *
 * <p>The primary is the one node that takes writes on the highest timeline that anything has told
 * of: a promotion begins a timeline with a higher number, so whoever takes writes on a lower one is
 * a server that does not know yet that it was replaced. Two that take writes on one timeline cannot
 * be told apart, and neither is written to. What the configuration calls the primary does not
 * count.
 */
final class TopologyJudge {

  private final long downAfterNanos;

  /**
   * Creates a judge.
   *
   * @param downAfterNanos how old the answer of a node may be that takes writes
   */
  TopologyJudge(long downAfterNanos) {
    this.downAfterNanos = downAfterNanos;
  }

  /**
   * Judges anew.
   *
   * @param before the last verdict
   * @param nodes every node, in the order of their indexes
   * @param remembered the highest timelines of clusters, from before this process
   * @param nowNanos the time
   * @return the verdict; its topology is the same object if nothing has changed
   */
  Verdict judge(Verdict before, List<Sighting> nodes, Map<String, Long> remembered, long nowNanos) {
    String cluster = before.settled() ? before.cluster() : likeliest(nodes);
    List<Sighting> ours = nodes.stream().filter(node -> isOf(cluster, node)).toList();
    boolean sameCluster = Objects.equals(cluster, before.cluster());
    long known = Math.max(sameCluster ? before.seen() : 0, remembered(remembered, cluster));
    long seen = ours.stream().mapToLong(TopologyJudge::timeline).reduce(known, Math::max);
    long highest = Math.max(seen, before.claimed());

    Set<Node> twins = twins(ours, nowNanos);
    List<Sighting> writers =
        ours.stream()
            .filter(node -> answers(node, nowNanos) && !twins.contains(node.node()))
            .filter(node -> statusOf(node).role() == NodeRole.PRIMARY)
            .toList();
    List<Sighting> latest = writers.stream().filter(node -> timeline(node) == highest).toList();
    // The first answer may be that of a primary that was replaced long ago.
    boolean allTried = before.settled() || nodes.stream().allMatch(Sighting::tried);
    Sighting found = latest.size() == 1 && allTried ? latest.get(0) : null;

    long refused = 0;
    for (Sighting node : nodes) {
      boolean foreign = node.sample() != null && !isOf(cluster, node);
      boolean stray = writers.contains(node) && (found == null || found.node() != node.node());
      if (foreign || stray || twins.contains(node.node())) {
        refused |= node.node().bit();
      }
    }
    Topology now =
        new Topology(
            before.topology().version() + 1,
            found == null ? null : found.node(),
            highest,
            found == null ? before.topology().ends() : ends(before, found),
            refused,
            found == null
                ? trouble(nodes, cluster, writers, latest, highest, highest > seen, twins)
                : null);
    return new Verdict(
        sameButVersion(before.topology(), now) ? before.topology() : now,
        cluster,
        before.settled() || found != null,
        seen,
        before.claimed(),
        found == null ? before.lastRun() : statusOf(found).incarnation());
  }

  private static long remembered(Map<String, Long> remembered, @Nullable String cluster) {
    return cluster == null ? 0 : remembered.getOrDefault(cluster, 0L);
  }

  /** Before there was a primary: what the first node says, else what most say that answered. */
  private static @Nullable String likeliest(List<Sighting> nodes) {
    Map<String, Integer> votes = new HashMap<>();
    String likeliest = null;
    int most = 0;
    for (Sighting node : nodes) {
      if (node.sample() != null) {
        String cluster = statusOf(node).cluster();
        if (node.node().index() == 0) {
          return cluster;
        }
        int count = votes.merge(cluster, 1, Integer::sum);
        if (count > most) {
          most = count;
          likeliest = cluster;
        }
      }
    }
    return likeliest;
  }

  /** Nodes that are another name of one that comes before them. */
  private Set<Node> twins(List<Sighting> ours, long nowNanos) {
    Set<String> known = new HashSet<>();
    Set<Node> twins = new HashSet<>();
    for (Sighting node : ours) {
      if (answers(node, nowNanos) && !known.add(statusOf(node).incarnation())) {
        twins.add(node.node());
      }
    }
    return twins;
  }

  /**
   * The history of the primary's timeline, as far as this has seen it. After a restart, or on
   * another machine, it may be another history under the same number, and nothing is known of it
   * until the server is asked.
   */
  private static TimelineEnds ends(Verdict before, Sighting primary) {
    TimelineEnds ends = before.topology().ends();
    long timeline = timeline(primary);
    NodeStatus asReplica = primary.asReplica();
    if (statusOf(primary).incarnation().equals(before.lastRun()) && timeline == ends.timeline()) {
      return ends;
    }
    long from = asReplica == null ? 0 : asReplica.timeline().orElse(0);
    // A server's new timeline has a higher number than any that it knows, its own included. So
    // where
    // there is none between, what it said as a replica was its timeline, even where that was a
    // guess
    // from below; else it may have come by a timeline that was never seen here. What came before
    // that timeline stays unknown, too: after two promotions apart from each other it is one of
    // two.
    return asReplica != null && from > 0 && timeline == from + 1
        ? TimelineEnds.NONE.with(from, asReplica.position())
        : TimelineEnds.of(timeline);
  }

  private static String trouble(
      List<Sighting> nodes,
      @Nullable String cluster,
      List<Sighting> writers,
      List<Sighting> latest,
      long highest,
      boolean claimed,
      Set<Node> twins) {
    if (latest.size() > 1) {
      return names(latest)
          + " all take writes on timeline "
          + highest
          + ": a split brain. Nothing is written until all but one are stopped";
    }
    if (!writers.isEmpty() && latest.isEmpty()) {
      return names(writers)
          + (writers.size() == 1 ? " takes" : " take")
          + " writes, but on timeline "
          + writers.stream().mapToLong(TopologyJudge::timeline).max().orElse(0)
          + ", and timeline "
          + highest
          + (claimed ? " is in a token" : " was seen")
          + ": a primary that was replaced, and its successor does not answer";
    }
    List<String> all = new ArrayList<>();
    for (Sighting node : nodes) {
      all.add("'" + node.node().name() + "' " + state(node, cluster, twins));
    }
    return all.isEmpty() ? "there are no nodes" : String.join(", ", all);
  }

  private static String state(Sighting node, @Nullable String cluster, Set<Node> twins) {
    if (node.defect() != null) {
      return "cannot be used: " + node.defect();
    }
    if (node.sample() != null && !isOf(cluster, node)) {
      return "is of another cluster (" + statusOf(node).cluster() + ", not " + cluster + ")";
    }
    if (!node.up() || node.sample() == null) {
      return node.tried() ? "does not answer" : "has not answered yet";
    }
    if (twins.contains(node.node())) {
      return "is another name of a node before it";
    }
    return statusOf(node).role() == NodeRole.REPLICA ? "is a replica" : "takes writes";
  }

  private static String names(List<Sighting> nodes) {
    return nodes.stream()
        .map(node -> "'" + node.node().name() + "'")
        .collect(Collectors.joining(" and "));
  }

  private static boolean sameButVersion(Topology before, Topology now) {
    return before.primary() == now.primary()
        && before.timeline() == now.timeline()
        && before.refused() == now.refused()
        && before.ends().equals(now.ends())
        && Objects.equals(before.trouble(), now.trouble());
  }

  private boolean answers(Sighting node, long nowNanos) {
    Sample sample = node.sample();
    return node.up() && sample != null && nowNanos - sample.endedNanos() <= downAfterNanos;
  }

  private static boolean isOf(@Nullable String cluster, Sighting node) {
    return node.sample() != null && statusOf(node).cluster().equals(cluster);
  }

  /** 0 where a server does not say: below every real one. */
  private static long timeline(Sighting node) {
    return node.sample() == null ? 0 : statusOf(node).timeline().orElse(0);
  }

  private static NodeStatus statusOf(Sighting node) {
    return Objects.requireNonNull(node.sample()).status();
  }
}
