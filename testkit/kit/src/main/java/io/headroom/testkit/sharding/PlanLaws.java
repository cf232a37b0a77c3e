package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Pin;
import io.headroom.sharding.RebalancePlan;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardState;
import io.headroom.sharding.SlotMove;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Laws 3 to 5 over plans: what a rebalance moves, and what it must not. */
final class PlanLaws<K> {

  /** Shares are sums of doubles; a slot is a whole number. */
  private static final double ROUNDING = 1e-6;

  private record Pinned<K>(K key, String home) {}

  private final RouterSubject<K> subject;

  PlanLaws(RouterSubject<K> subject) {
    this.subject = subject;
  }

  void plans(Membership members, Membership target, Collection<? extends K> keys) {
    ShardMap map = subject.mapOf(members.shards());
    Membership goal = targetOf(map, members, target);
    RebalancePlan plan = map.rebalance(goal);
    ShardMap moving = plan.start();
    ShardMap done = complete(moving);
    balanced(plan, map, done, goal);
    onlyPlannedMoves(plan, map, moving, done, keys);
  }

  /**
   * The membership to reach, with the shards that the layout added, or that it can't do without.
   */
  private static Membership targetOf(ShardMap map, Membership members, Membership target) {
    Set<String> given = ids(members.shards());
    Set<String> pinnedTo = map.pins().stream().map(Pin::owner).collect(Collectors.toSet());
    Membership goal = target;
    for (Shard shard : map.shards()) {
      if (!given.contains(shard.id())) {
        goal = goal.with(shard);
      } else if (!ids(target.shards()).contains(shard.id()) && pinnedTo.contains(shard.id())) {
        // it can't go while keys are pinned to it
        goal = goal.with(shard.withState(ShardState.DRAINING));
      }
    }
    return map.regions().isEmpty() ? goal : inRegionsOf(map, goal);
  }

  private static Membership inRegionsOf(ShardMap map, Membership goal) {
    Membership placed = goal;
    for (Shard shard : goal.shards()) {
      String region =
          map.contains(shard.id()) ? map.shard(shard.id()).region() : map.regions().get(0);
      placed = placed.with(region == null ? shard : shard.withRegion(region));
    }
    return placed;
  }

  private static Set<String> ids(List<Shard> shards) {
    Set<String> ids = new HashSet<>();
    shards.forEach(shard -> ids.add(shard.id()));
    return ids;
  }

  private static ShardMap complete(ShardMap moving) {
    return moving.hasMovingSlots() ? moving.completeMove(moving.movingSlots()) : moving;
  }

  private void balanced(RebalancePlan plan, ShardMap map, ShardMap done, Membership goal) {
    int block = map.slotsPerRegion();
    int least = 0;
    for (int first = 0; first < map.slotCount(); first += block) {
      Map<String, Integer> before = counts(map, first, block);
      Map<String, Integer> after = counts(done, first, block);
      Map<String, Double> shares = shares(map, goal, first / block, block);
      after.forEach(
          (id, count) -> {
            double share = shares.getOrDefault(id, 0.0);
            if (Math.abs(count - share) >= 1 + ROUNDING) {
              throw Broken.law(
                  ShardLaw.PLANS,
                  subject,
                  "after the plan '%s' owns %d slots of %d, its weighted share is %.2f; target %s",
                  id,
                  count,
                  block,
                  share,
                  Broken.members(goal.shards()));
            }
          });
      least += leastMoves(before, shares, block);
    }
    if (plan.moveCount() != least) {
      throw Broken.law(
          ShardLaw.PLANS,
          subject,
          "the plan has %d moves, %d suffice for exact balance; from %s to %s",
          plan.moveCount(),
          least,
          Broken.members(map.shards()),
          Broken.members(goal.shards()));
    }
  }

  private static Map<String, Integer> counts(ShardMap map, int first, int slots) {
    Map<String, Integer> counts = new HashMap<>();
    for (int slot = first; slot < first + slots; slot++) {
      counts.merge(map.ownerOf(slot).id(), 1, Integer::sum);
    }
    return counts;
  }

  private static Map<String, Double> shares(ShardMap map, Membership goal, int region, int slots) {
    List<Shard> takers =
        goal.shards().stream()
            .filter(shard -> shard.state() == ShardState.ACTIVE)
            .filter(
                shard ->
                    map.regions().isEmpty() || map.regions().get(region).equals(shard.region()))
            .toList();
    double total = takers.stream().mapToDouble(Shard::weight).sum();
    Map<String, Double> shares = new HashMap<>();
    takers.forEach(shard -> shares.put(shard.id(), slots * shard.weight() / total));
    return shares;
  }

  /**
   * The fewest moves to any rounding of the shares: every shard keeps what it has up to its share
   * rounded down, and as many as there are slots left over keep one more, if they have it.
   */
  private static int leastMoves(
      Map<String, Integer> before, Map<String, Double> shares, int slots) {
    int kept = 0;
    int leftOver = slots;
    int couldKeepOneMore = 0;
    for (Map.Entry<String, Double> share : shares.entrySet()) {
      int floor = (int) Math.floor(share.getValue() + ROUNDING);
      int has = before.getOrDefault(share.getKey(), 0);
      leftOver -= floor;
      kept += Math.min(has, floor);
      couldKeepOneMore += has > floor && share.getValue() > floor + ROUNDING ? 1 : 0;
    }
    return slots - kept - Math.min(leftOver, couldKeepOneMore);
  }

  private void onlyPlannedMoves(
      RebalancePlan plan,
      ShardMap map,
      ShardMap moving,
      ShardMap done,
      Collection<? extends K> keys) {
    Set<List<String>> planned = new HashSet<>();
    for (SlotMove move : plan.moves()) {
      planned.add(List.of(move.from(), move.to()));
    }
    Routing<K> before = subject.over(map);
    Routing<K> during = subject.over(moving);
    Routing<K> after = subject.over(done);
    for (K key : keys) {
      String from = before.shardOf(key);
      String meanwhile = during.shardOf(key);
      String to = after.shardOf(key);
      if (!from.equals(meanwhile)) {
        throw Broken.law(
            ShardLaw.PLANS,
            subject,
            "%s is on '%s' while its slot is moving, but its rows are still on '%s'",
            Broken.key(key),
            meanwhile,
            from);
      }
      if (!from.equals(to) && !planned.contains(List.of(from, to))) {
        throw Broken.law(
            ShardLaw.PLANS,
            subject,
            "%s moved from '%s' to '%s', which no move of the plan does",
            Broken.key(key),
            from,
            to);
      }
    }
  }

  void pins(Membership members, Membership target, Collection<? extends K> keys) {
    ShardMap map = subject.mapOf(members.shards());
    Membership goal = targetOf(map, members, target);
    List<String> stay =
        map.shards().stream().map(Shard::id).filter(ids(goal.shards())::contains).toList();
    Map<Object, String> homes = new LinkedHashMap<>();
    List<Pinned<K>> pinned = new ArrayList<>();
    for (K key : keys) {
      Object part = RouterSubject.given(subject.pinnedKey).apply(key);
      int slot = map.slotOfPin(part);
      if (slot >= 0) {
        pinned.add(new Pinned<>(key, map.ownerOf(slot).id()));
      } else if (!stay.isEmpty() && !homes.containsKey(part)) {
        String home = stay.get(homes.size() % stay.size());
        homes.put(part, home);
        pinned.add(new Pinned<>(key, home));
      }
    }
    ShardMap withPins = map.withPins(homes);
    ShardMap moving = withPins.rebalance(goal).start();
    requirePinned(pinned, withPins, "when it was pinned");
    requirePinned(pinned, moving, "while slots were moving to " + goal);
    requirePinned(pinned, complete(moving), "after the rebalance to " + goal);
  }

  private void requirePinned(List<Pinned<K>> pinned, ShardMap map, String when) {
    Routing<K> routing = subject.over(map);
    for (Pinned<K> pin : pinned) {
      String shard = routing.shardOf(pin.key());
      if (!shard.equals(pin.home())) {
        throw Broken.law(
            ShardLaw.PINS,
            subject,
            "%s, pinned to '%s', was routed to '%s' %s",
            Broken.key(pin.key()),
            pin.home(),
            shard,
            when);
      }
    }
  }

  void colocation(Membership members, Membership target, Collection<? extends K> keys) {
    together(subject.over(members.shards()), keys, members);
    together(subject.over(target.shards()), keys, target);
    if (subject.byMap != null) {
      ShardMap map = subject.mapOf(members.shards());
      ShardMap moving = map.rebalance(targetOf(map, members, target)).start();
      together(subject.over(moving), keys, target);
      together(subject.over(complete(moving)), keys, target);
    }
  }

  private void together(Routing<K> routing, Collection<? extends K> keys, Membership members) {
    for (K key : keys) {
      K relative = RouterSubject.given(subject.relative).apply(key);
      String one = routing.shardOf(key);
      String other = routing.shardOf(relative);
      if (!one.equals(other)) {
        throw Broken.law(
            ShardLaw.COLOCATION,
            subject,
            "%s is on '%s', and %s, which belongs to it, on '%s'; members are %s",
            Broken.key(key),
            one,
            Broken.key(relative),
            other,
            Broken.members(members.shards()));
      }
    }
  }
}
