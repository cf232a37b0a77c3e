package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Memberships to try, drawn from a seed as the keys are. */
final class Samples {

  /** Sizes from one shard to some dozens; the laws' sums don't depend on more. */
  private static final int[] SIZES = {1, 2, 3, 7, 16, 40};

  private static final double[] WEIGHTS = {1, 1, 2, 0.5, 3, 1.25};

  private Samples() {}

  /** One membership for each size, weighted from the third on. */
  static List<Membership> memberships(long seed) {
    List<Membership> memberships = new ArrayList<>();
    for (int size : SIZES) {
      memberships.add(membership(seed + size, size, size > 2));
    }
    return memberships;
  }

  static Membership membership(long seed, int size, boolean weighted) {
    Random random = new Random(seed);
    List<Shard> shards = new ArrayList<>();
    String prefix = random.nextBoolean() ? "shard-" : "db";
    for (int i = 0; i < size; i++) {
      Shard shard = Shard.of(prefix + i);
      shards.add(weighted ? shard.withWeight(WEIGHTS[random.nextInt(WEIGHTS.length)]) : shard);
    }
    return Membership.of(shards);
  }

  /** A shard that joins: no membership made here has its id. */
  static Shard newcomer(long seed) {
    return Shard.of("newcomer-" + Math.floorMod(seed, 1000)).withWeight(1.5);
  }

  /** Slots in turn to the members by their ids, whatever their weights. */
  static ShardMap inTurn(List<Shard> members, int slotCount) {
    List<Shard> sorted = members.stream().sorted(Comparator.comparing(Shard::id)).toList();
    List<String> owners = new ArrayList<>(slotCount);
    for (int slot = 0; slot < slotCount; slot++) {
      owners.add(sorted.get(slot % sorted.size()).id());
    }
    return ShardMap.builder().shards(members).owners(owners).build();
  }
}
