package io.headroom.sharding;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is asked of a map: of each, however it was made, then by strategies, then by stores. */
final class MapChecks {

  private MapChecks() {}

  static void check(ShardMap map) {
    if (map.epoch() < 1) {
      throw new IllegalArgumentException("epoch " + map.epoch() + " is below 1: epochs begin at 1");
    }
    int slots = map.slotCount();
    if (slots < 1 || slots > ShardMap.MAX_SLOTS) {
      throw new IllegalArgumentException(
          slots + " slots in all: a map has 1 to " + ShardMap.MAX_SLOTS);
    }
    if (!anyActive(map.shards())) {
      throw new IllegalArgumentException(
          "all "
              + map.shardCount()
              + " shards are DRAINING, so none could take their slots: leave one ACTIVE");
    }
    checkRegions(map);
  }

  static boolean anyActive(List<Shard> shards) {
    for (Shard shard : shards) {
      if (shard.state() == ShardState.ACTIVE) {
        return true;
      }
    }
    return false;
  }

  /** Checks names: present, distinct. */
  static void checkRegionNames(List<String> regions) {
    Set<String> seen = new HashSet<>();
    for (String region : regions) {
      Ids.checkName("region", region);
      if (!seen.add(region)) {
        throw new IllegalArgumentException("region '" + region + "' is given twice: remove one");
      }
    }
  }

  private static void checkRegions(ShardMap map) {
    List<String> regions = map.regions();
    if (regions.isEmpty()) {
      return;
    }
    ShardTable table = map.table();
    if (map.slotCount() % regions.size() != 0) {
      throw new IllegalArgumentException(
          map.slotCount() + " slots can't be split evenly over " + regions.size() + " regions");
    }
    int[] regionOf = new int[table.size()];
    for (int i = 0; i < regionOf.length; i++) {
      String region = table.fields(i).region();
      regionOf[i] = region == null ? -1 : regions.indexOf(region);
      if (regionOf[i] < 0) {
        throw new IllegalArgumentException(
            "shard '"
                + table.id(i)
                + "' is in region "
                + (region == null ? "none" : "'" + region + "'")
                + ", but the map's regions are "
                + regions
                + ": put it into one of these");
      }
    }
    int block = map.slotsPerRegion();
    OwnerTable owners = map.owners();
    for (int slot = 0; slot < owners.size(); slot++) {
      if (regionOf[owners.at(slot)] != slot / block) {
        throw new IllegalArgumentException(
            "slot "
                + slot
                + " belongs to region '"
                + regions.get(slot / block)
                + "', but its owner '"
                + table.id(owners.at(slot))
                + "' is in another: move the slot first");
      }
    }
    for (int slot : map.states().inMotion()) {
      int target = map.states().target(slot);
      if (slot < owners.size() && regionOf[target] != slot / block) {
        throw new IllegalArgumentException(
            "slot "
                + slot
                + " belongs to region '"
                + regions.get(slot / block)
                + "', but is on its way to '"
                + table.id(target)
                + "', which is in another");
      }
    }
  }

  static void requirePowerOfTwo(ShardMap map, ShardStrategy<?> strategy) {
    if (Integer.bitCount(map.slotCount()) != 1) {
      throw new ShardMapException(
          strategy
              + " needs a map whose slot count is a power of two; "
              + describe(map)
              + ". Build the map with ShardMap.of(...), or use the strategy that it was made for");
    }
  }

  static void requireSlots(int slots, ShardMap map, ShardStrategy<?> strategy) {
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

  private static String describe(ShardMap map) {
    return "the map of epoch " + map.epoch() + " has " + map.slotCount() + " slots";
  }

  static void requireHigher(long expectedEpoch, ShardMap next) {
    if (expectedEpoch < 0) {
      throw new IllegalArgumentException(
          "expectedEpoch must be 0 (for an empty store) or an epoch, was " + expectedEpoch);
    }
    if (next.epoch() <= expectedEpoch) {
      throw new IllegalArgumentException(
          "the next map's epoch "
              + next.epoch()
              + " must be higher than the expected epoch "
              + expectedEpoch);
    }
  }
}
