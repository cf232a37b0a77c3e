package io.headroom.routing;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which replica a read runs on.
 *
 * <p>The order of tests: the node is a replica that is up; its breaker admits it, where the
 * breakers of at most half of those may keep reads away, so that a fault which is common to all
 * does not empty the fleet (Envoy's {@code max_ejection_percent}); it is fresh enough, or it is
 * only its last answer that is too old to say so; backups only if no other is left; the own zone
 * while it has room; those that need not be asked first. Of what remains two are drawn by weight,
 * and the better one is taken (M. Mitzenmacher, "The Power of Two Choices in Randomized Load
 * Balancing", doi:10.1109/71.963420), by its latency times the work in flight there.
 *
 * <p>Pure but for the dice, and free of garbage. Thread-safe.
 */
final class ReadChooser {

  private final Node[] nodes;
  private final Choices choices;
  private final LongSupplier dice;
  private final long maxSampleAgeNanos;
  private final double[] weights;
  private final double[] perWeight;
  private final int[] capacities;
  private final long backups;
  private final long sameZone;
  private final boolean evenly;

  /**
   * Creates the chooser of a data source.
   *
   * @param nodes all of its nodes, in the order of their indexes
   * @param zone where this process runs, null if zones do not matter
   * @param maxSampleAge how old a sample may be to say that a node is fresh
   * @param dice random longs, all bits of which are used
   */
  ReadChooser(List<Node> nodes, @Nullable String zone, Duration maxSampleAge, LongSupplier dice) {
    this.nodes = nodes.toArray(new Node[0]);
    this.choices = new Choices(nodes);
    this.dice = dice;
    this.maxSampleAgeNanos = Nanos.of(maxSampleAge);
    this.weights = new double[this.nodes.length];
    this.perWeight = new double[this.nodes.length];
    this.capacities = new int[this.nodes.length];
    long backup = 0;
    long near = 0;
    for (Node node : this.nodes) {
      NodeSettings settings = node.settings();
      weights[node.index()] = settings.weight();
      perWeight[node.index()] = 1 / settings.weight();
      capacities[node.index()] = settings.capacity();
      backup |= settings.backup() ? node.bit() : 0;
      near |= zone != null && zone.equals(settings.zone()) ? node.bit() : 0;
    }
    this.backups = backup;
    this.sameZone = near;
    this.evenly = Arrays.stream(weights).distinct().count() <= 1;
  }

  /**
   * Chooses a replica for a read, which may wait for it.
   *
   * @param topology who is the primary
   * @param need what the read asks for
   * @param tried bits of the nodes that were tried in vain
   * @param nowNanos the time
   * @return where to go, or what all lack; a choice that was made before
   */
  Choice choose(Topology topology, ReadNeed need, long tried, long nowNanos) {
    return choose(topology, need, tried, true, nowNanos);
  }

  /**
   * Chooses a replica for a read.
   *
   * @param mayWait whether one may be chosen, to be waited for, that is known to be behind
   */
  Choice choose(Topology topology, ReadNeed need, long tried, boolean mayWait, long nowNanos) {
    if (need.onPrimary()) {
      return choices.strong();
    }
    if (nodes.length == 1) {
      return choices.noReplicas();
    }
    for (int turnedAway = 0; ; turnedAway++) {
      long reachable = reachable(topology);
      long shut = shut(reachable, nowNanos);
      long ejected = capped(shut, reachable);
      long left = reachable & ~ejected & ~tried;
      if (left == 0) {
        return choices.down();
      }
      boolean matters = Freshness.matters(need);
      long fresh = matters ? fresh(left, topology, need, nowNanos) : left;
      long soon = matters ? soon(left & ~fresh, topology, need, nowNanos) : 0;
      Node node =
          (fresh | soon) == 0
              ? nearest(mayWait ? left : 0, topology, need, nowNanos)
              : best(fresh, soon, nowNanos);
      if (node == null) {
        return choices.lagging();
      }
      NodeHealth.Entry entry =
          (shut & node.bit()) != 0 || turnedAway == nodes.length
              ? NodeHealth.Entry.FREE
              : node.health().enter(nowNanos);
      // the last trial may just have been given to another read, which shuts the node: look again
      if (entry != NodeHealth.Entry.SHUT) {
        boolean trial = entry == NodeHealth.Entry.TRIAL;
        if ((fresh & node.bit()) == 0) {
          return choices.behind(node, trial);
        }
        boolean backup = (backups & node.bit()) != 0;
        return backup ? choices.backup(node, trial) : choices.fresh(node, trial);
      }
    }
  }

  /**
   * Of nodes that are fresh enough, or will soon be found to be. No backup if there is another; of
   * the rest those that are settled, and of these the near ones; and only of what then remains one
   * that need not be asked first. Else every read after a write would go to whichever node was
   * probed last.
   */
  private Node best(long fresh, long soon, long nowNanos) {
    long all = fresh | soon;
    long used = (all & ~backups) == 0 ? all : all & ~backups;
    long pool = near(settled(used, nowNanos));
    long known = pool & fresh;
    if (known != 0 && (known == pool || hasRoom(known))) {
      return better(known, nowNanos);
    }
    return better(pool & soon, nowNanos);
  }

  /**
   * Chooses a replica for a read that takes any answer, since none that is fresh enough can be had.
   *
   * @return as {@link #choose}, with {@link RouteReason#STALE} for a node
   */
  Choice chooseStale(Topology topology, long tried, long nowNanos) {
    Choice any = choose(topology, ReadNeed.ANY, tried, nowNanos);
    return any.node() == null ? any : choices.stale(any.node(), any.trial());
  }

  /**
   * Up, and a replica of this cluster, as far as is known; of which those are left out that are
   * being asked whether they are, if there are others.
   */
  private long reachable(Topology topology) {
    Node primary = topology.primary();
    long refused = topology.refused();
    long reachable = 0;
    long doubted = 0;
    for (Node node : nodes) {
      if (node != primary && (node.bit() & refused) == 0 && node.isUp()) {
        Sample sample = node.sample();
        if (sample != null && sample.status().role() == NodeRole.REPLICA) {
          reachable |= node.bit();
          doubted |= node.isDoubted() ? node.bit() : 0;
        }
      }
    }
    return doubted == reachable ? reachable : reachable & ~doubted;
  }

  /** Those whose breakers keep reads away. */
  private long shut(long reachable, long nowNanos) {
    long shut = 0;
    for (long rest = reachable; rest != 0; rest &= rest - 1) {
      Node node = lowest(rest);
      if (!node.health().admits(nowNanos)) {
        shut |= node.bit();
      }
    }
    return shut;
  }

  /** Those of them that stay away: at most half of all, the ones that were ejected first. */
  private long capped(long shut, long reachable) {
    long ejected = shut;
    if (shut != 0) {
      int most = Long.bitCount(reachable) / 2;
      while (Long.bitCount(ejected) > most) {
        ejected &= ~lastEjected(ejected).bit();
      }
    }
    return ejected;
  }

  private Node lastEjected(long ejected) {
    Node last = lowest(ejected);
    for (long rest = ejected & (ejected - 1); rest != 0; rest &= rest - 1) {
      Node node = lowest(rest);
      if (node.health().ejectedNanos() - last.health().ejectedNanos() > 0) {
        last = node;
      }
    }
    return last;
  }

  private long fresh(long set, Topology topology, ReadNeed need, long nowNanos) {
    long fresh = 0;
    for (long rest = set; rest != 0; rest &= rest - 1) {
      Node node = lowest(rest);
      if (freshness(node, topology, need, nowNanos) == Freshness.FRESH) {
        fresh |= node.bit();
      }
    }
    return fresh;
  }

  /** Those that may well show what is asked for by now, though their last answer was too early. */
  private long soon(long set, Topology topology, ReadNeed need, long nowNanos) {
    long soon = 0;
    for (long rest = set; rest != 0; rest &= rest - 1) {
      Node node = lowest(rest);
      Sample sample = node.sample();
      if (sample != null
          && sample.status().streaming()
          && !node.isLate(sample.status().position())
          && node.waiters().availablePermits() > 0
          && hasRoom(node)
          && isOnlyOld(sample, freshness(node, topology, need, nowNanos), topology, need)) {
        soon |= node.bit();
      }
    }
    return soon;
  }

  /** Whether it was within the bound when it answered; a position may have moved on since. */
  private static boolean isOnlyOld(Sample sample, Freshness now, Topology topology, ReadNeed need) {
    return switch (now) {
      case BEHIND -> true;
      case LAGGING ->
          Freshness.of(sample, need, topology, sample.beganNanos(), Long.MAX_VALUE)
              == Freshness.FRESH;
      case FRESH, OTHER_TIMELINE, UNKNOWN -> false;
    };
  }

  private Freshness freshness(Node node, Topology topology, ReadNeed need, long nowNanos) {
    return Freshness.of(node.sample(), need, topology, nowNanos, maxSampleAgeNanos);
  }

  /** Of those that need only catch up, the one that is furthest; null if there is none. */
  private @Nullable Node nearest(long set, Topology topology, ReadNeed need, long nowNanos) {
    Node nearest = null;
    for (long rest = set; rest != 0; rest &= rest - 1) {
      Node node = lowest(rest);
      Freshness freshness = freshness(node, topology, need, nowNanos);
      if ((freshness == Freshness.BEHIND || freshness == Freshness.LAGGING)
          && (nearest == null || isNearer(node, nearest))) {
        nearest = node;
      }
    }
    return nearest;
  }

  private boolean isNearer(Node one, Node other) {
    boolean backup = (backups & one.bit()) != 0;
    if (backup != ((backups & other.bit()) != 0)) {
      return !backup;
    }
    return positionOf(one) > positionOf(other);
  }

  private static long positionOf(Node node) {
    Sample sample = node.sample();
    return sample == null ? -1 : sample.status().position();
  }

  /**
   * Without those that have just come back, each by chance: it stays in with the share of reads
   * that it is to have. A weight alone would not do, since the better of two takes all.
   */
  private long settled(long set, long nowNanos) {
    long settled = set;
    for (long rest = set; rest != 0; rest &= rest - 1) {
      Node node = lowest(rest);
      double share = node.load().share(nowNanos);
      if (share < 1 && high(dice.getAsLong()) >= share) {
        settled &= ~node.bit();
      }
    }
    return settled == 0 ? set : settled;
  }

  /** Those in the own zone that have room, if there are any. */
  private long near(long set) {
    long near = 0;
    for (long rest = set & sameZone; rest != 0; rest &= rest - 1) {
      Node node = lowest(rest);
      if (hasRoom(node)) {
        near |= node.bit();
      }
    }
    return near == 0 ? set : near;
  }

  private boolean hasRoom(Node node) {
    return node.load().inFlight() < capacities[node.index()];
  }

  /** Whether one of them has. */
  private boolean hasRoom(long set) {
    for (long rest = set; rest != 0; rest &= rest - 1) {
      if (hasRoom(lowest(rest))) {
        return true;
      }
    }
    return false;
  }

  /** The better of two, which are drawn by weight. If they are alike, then the first. */
  private Node better(long set, long nowNanos) {
    if ((set & (set - 1)) == 0) {
      return lowest(set);
    }
    long rolled = dice.getAsLong();
    Node first = drawn(set, high(rolled));
    Node second = drawn(set & ~first.bit(), low(rolled));
    return isBetter(second, first, nowNanos) ? second : first;
  }

  private Node drawn(long set, double at) {
    long rest = set;
    if (evenly) {
      for (int skip = (int) (at * Long.bitCount(set)); skip > 0; skip--) {
        rest &= rest - 1;
      }
      return lowest(rest);
    }
    double left = at * weight(set) - weight(rest & -rest);
    while (left >= 0 && (rest & (rest - 1)) != 0) {
      rest &= rest - 1;
      left -= weight(rest & -rest);
    }
    return lowest(rest);
  }

  private double weight(long set) {
    double weight = 0;
    for (long rest = set; rest != 0; rest &= rest - 1) {
      weight += weights[Long.numberOfTrailingZeros(rest)];
    }
    return weight;
  }

  /**
   * Whether a read will be answered sooner there. One whose pool is used up loses to one that has
   * room. Work in flight counts by weight, so that a node of twice the weight has twice as much of
   * it; how fast they answer is compared only once both have.
   */
  private boolean isBetter(Node one, Node other, long nowNanos) {
    boolean room = hasRoom(one);
    if (room != hasRoom(other)) {
      return room;
    }
    double crowd = 1 + one.load().inFlight() * perWeight[one.index()];
    double otherCrowd = 1 + other.load().inFlight() * perWeight[other.index()];
    float latency = one.load().latencyNanos(nowNanos);
    float otherLatency = other.load().latencyNanos(nowNanos);
    boolean bothKnown = latency != 0 && otherLatency != 0;
    return bothKnown ? crowd * latency < otherCrowd * otherLatency : crowd < otherCrowd;
  }

  private Node lowest(long set) {
    return nodes[Long.numberOfTrailingZeros(set)];
  }

  /** The upper half of a random long as a number from 0 to below 1. */
  private static double high(long random) {
    return (random >>> 32) * 0x1p-32;
  }

  private static double low(long random) {
    return (random & 0xFFFF_FFFFL) * 0x1p-32;
  }
}
