package io.headroom.sharding;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Generators of shards and maps, thin, so that another engine could drive them. */
final class ShardMaps {

  private static final double[] WEIGHTS = {1, 1, 1, 2, 0.5, 0.1, 3, 10};

  private ShardMaps() {}

  /** Any map that the public API can lead to. */
  static Arbitrary<ShardMap> maps() {
    return Arbitraries.longs().map(seed -> map(new Random(seed)));
  }

  /** Distinct shards, of few weights, some DRAINING but never all. */
  static List<Shard> shards(Random random, int count, List<String> regions) {
    Set<String> ids = new LinkedHashSet<>();
    while (ids.size() < count) {
      ids.add(id(random));
    }
    List<Shard> shards = new ArrayList<>();
    for (String id : ids) {
      Shard shard = Shard.of(id).withWeight(WEIGHTS[random.nextInt(WEIGHTS.length)]);
      if (!regions.isEmpty()) {
        shard = shard.withRegion(regions.get(shards.size() % regions.size()));
      }
      if (shards.size() >= Math.max(1, regions.size()) && random.nextInt(5) == 0) {
        shard = shard.withState(ShardState.DRAINING);
      }
      if (random.nextInt(4) == 0) {
        shard = shard.withZone("zone-" + random.nextInt(3)).withLabels(Map.of("rack", "r\"1\\\n"));
      }
      shards.add(shard);
    }
    return shards;
  }

  private static String id(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> "s" + random.nextInt(50);
      case 1 -> "orders-" + Integer.toHexString(random.nextInt());
      case 2 -> "größe-" + random.nextInt(50);
      default -> "🐘" + random.nextInt(50) + "\"\\";
    };
  }

  static ShardMap map(Random random) {
    List<String> regions =
        switch (random.nextInt(4)) {
          case 0 -> List.of("eu", "us");
          case 1 -> List.of("ap", "eu", "us");
          default -> List.of();
        };
    List<Shard> shards = shards(random, Math.max(1, regions.size()) + random.nextInt(8), regions);
    ShardMapBuilder builder = ShardMap.builder().slots(1 << random.nextInt(8)).shards(shards);
    if (!regions.isEmpty()) {
      builder.regions(regions.toArray(new String[0]));
    }
    ShardMap map = builder.epoch(1 + random.nextInt(5)).build();
    for (int steps = random.nextInt(12); steps > 0; steps--) {
      map = step(map, random);
    }
    return map;
  }

  /** One change that the map's state allows. */
  static ShardMap step(ShardMap map, Random random) {
    int[] moving = map.movingSlots();
    int some = moving.length == 0 ? -1 : moving[random.nextInt(moving.length)];
    return switch (random.nextInt(8)) {
      case 0 -> map.completeMove(moving);
      case 1 -> some < 0 ? map : map.cancelMove(some);
      case 2 ->
          some < 0 || map.slotStatus(some).state() != SlotState.MOVING ? map : map.fence(some);
      case 3 -> some < 0 ? map.rebalance(map.membership()).start() : map.completeMove(some);
      case 4 -> pinned(map, random);
      case 5 -> unpinned(map, random);
      case 6 -> map.slotCount() > 512 ? map : map.doubled();
      default ->
          map.withSlotFields(
              random.nextInt(map.slotCount()), Map.of("token", "t" + random.nextInt(3), "n", 1.5));
    };
  }

  private static ShardMap pinned(ShardMap map, Random random) {
    Object key = key(random);
    return map.slotOfPin(key) >= 0
        ? map
        : map.withPin(key, map.shardAt(random.nextInt(map.shardCount())).id());
  }

  private static ShardMap unpinned(ShardMap map, Random random) {
    return map.hasPins()
        ? map.withoutPin(map.pins().get(random.nextInt(map.pins().size())).key())
        : map;
  }

  static Object key(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> "tenant-" + random.nextInt(100);
      case 2 -> new UUID(random.nextLong(), random.nextLong());
      default -> ("b" + random.nextInt(100)).getBytes(StandardCharsets.UTF_8);
    };
  }

  /** Slots that each shard owns, by ordinal. */
  static int[] counts(ShardMap map) {
    int[] counts = new int[map.shardCount()];
    for (int slot = 0; slot < map.slotCount(); slot++) {
      counts[map.ownerOrdinal(slot)]++;
    }
    return counts;
  }
}
