package io.headroom.benchmarks;

import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardMapBuilder;
import java.util.List;
import java.util.stream.IntStream;

/** The maps that the benchmarks route by. */
final class Maps {
  private static final int DEFAULT_SLOTS = 1 << 14;
  private static final int MOST_SLOTS = 1 << 20;

  private Maps() {}

  /** A map with a hundred slots a shard where the bounds allow it: what a user would choose. */
  static ShardMap of(int shards) {
    int wanted = Integer.highestOneBit(shards * 100 - 1) << 1;
    return of(shards, Math.min(MOST_SLOTS, Math.max(DEFAULT_SLOTS, wanted)));
  }

  static ShardMap of(int shards, int slots) {
    ShardMapBuilder map = ShardMap.builder().slots(slots);
    ids(shards).forEach(map::shard);
    return map.build();
  }

  static List<String> ids(int shards) {
    return IntStream.range(0, shards).mapToObj(i -> "shard-" + i).toList();
  }
}
