package io.headroom.sharding;

/** What strategies ask of a map's slot count. */
final class SlotCounts {

  private SlotCounts() {}

  static void requirePowerOfTwo(ShardMap map, ShardStrategy<?> strategy) {
    if (Integer.bitCount(map.slotCount()) != 1) {
      throw new ShardMapException(
          strategy
              + " needs a map whose slot count is a power of two; "
              + describe(map)
              + ". Build the map with ShardMap.of(...), or use the strategy that it was made for");
    }
  }

  static void requireExactly(int slots, ShardMap map, ShardStrategy<?> strategy) {
    if (map.slotCount() != slots) {
      throw new ShardMapException(
          strategy
              + " needs a map of exactly "
              + slots
              + " slots; "
              + describe(map)
              + ". Build the map with ShardMap.ofOwners(...) from one owner a slot");
    }
  }

  static String describe(ShardMap map) {
    return "the map of epoch " + map.epoch() + " has " + map.slotCount() + " slots";
  }
}
