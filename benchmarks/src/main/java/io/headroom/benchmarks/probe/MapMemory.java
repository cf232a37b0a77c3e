package io.headroom.benchmarks.probe;

import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardMapBuilder;
import io.headroom.sharding.ShardRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Heap that one map and its router hold, as a share of several of them. */
public final class MapMemory {
  /** The figure before any shard was looked up. */
  public static final String FRESH = "fresh";

  /** The figure once every shard was looked up. */
  public static final String RESOLVED = "resolved";

  /** The figure once every shard's id was read, whose text the shard then keeps. */
  public static final String ID_READ = "idRead";

  private static final int COPIES = 4;

  private MapMemory() {}

  /**
   * Runs the probe.
   *
   * @param arguments shards, slots
   */
  public static void main(String[] arguments) {
    int shards = Integer.parseInt(arguments[0]);
    int slots = Integer.parseInt(arguments[1]);
    router(shards, slots).close(); // loads the classes
    List<ShardRouter<Long>> routers = new ArrayList<>();
    long before = Heap.usedAfterGc();
    for (int i = 0; i < COPIES; i++) {
      routers.add(router(shards, slots));
    }
    ChildJvm.report(FRESH, (double) (Heap.usedAfterGc() - before) / COPIES);
    forEveryOwner(routers, owner -> {});
    ChildJvm.report(RESOLVED, (double) (Heap.usedAfterGc() - before) / COPIES);
    forEveryOwner(routers, Shard::id);
    ChildJvm.report(ID_READ, (double) (Heap.usedAfterGc() - before) / COPIES);
    routers.forEach(ShardRouter::close); // and reachable until here
  }

  private static void forEveryOwner(List<ShardRouter<Long>> routers, Consumer<Shard> use) {
    for (ShardRouter<Long> router : routers) {
      ShardMap map = router.map();
      for (int slot = 0; slot < map.slotCount(); slot++) {
        use.accept(map.ownerOf(slot));
      }
    }
  }

  private static ShardRouter<Long> router(int shards, int slots) {
    ShardMapBuilder map = ShardMap.builder().slots(slots);
    for (int i = 0; i < shards; i++) {
      map.shard("shard-" + i);
    }
    return ShardRouter.forLongs(map.build());
  }
}
