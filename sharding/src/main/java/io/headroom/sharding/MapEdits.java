package io.headroom.sharding;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Changes of a map that move no slot: pins, fields, doubling, removal of an empty shard. */
final class MapEdits {

  private static final int NAMED_IN_MESSAGES = 5;

  private MapEdits() {}

  static ShardMap withPins(ShardMap map, Map<?, String> shardIdByKey) {
    PinTable pins = map.pinTable();
    // The order of a Map.of differs from JVM to JVM, and the slots given out must not.
    Map<Object, Integer> added = new TreeMap<>(PinKeys.ORDER);
    Set<Object> seen = new HashSet<>();
    for (Map.Entry<?, String> entry : shardIdByKey.entrySet()) {
      Object key = PinKeys.normalized(entry.getKey());
      String shardId = entry.getValue();
      PinKeys.addOnce(key, seen);
      if (shardId == null) {
        throw new NullPointerException(
            "the shard of key " + PinKeys.describe(key) + " must not be null");
      }
      int owner = map.table().require(shardId);
      int slot = pins.slotOf(key);
      if (slot < 0) {
        added.put(key, owner);
      } else if (map.ownerOrdinal(slot) != owner) {
        throw new ShardMapException(
            "the key "
                + PinKeys.describe(key)
                + " is pinned to shard '"
                + map.table().id(map.ownerOrdinal(slot))
                + "' already and can't be pinned to '"
                + shardId
                + "': move its slot "
                + slot
                + " by startMove");
      }
    }
    return added.isEmpty()
        ? map
        : map.next(map.table(), map.owners(), map.states(), pins.plus(added));
  }

  static ShardMap withoutPin(ShardMap map, Object key) {
    int slot = map.slotOfPin(key);
    String name = PinKeys.describe(PinKeys.normalized(key));
    if (slot < 0) {
      throw new ShardMapException("the key " + name + " isn't pinned, so no pin can be removed");
    }
    if (map.states().target(slot) >= 0) {
      throw new ShardMapException(
          "the pin of key "
              + name
              + " can't be removed while its slot "
              + slot
              + " is "
              + map.states().state(slot)
              + ": complete or cancel the move first");
    }
    SlotStates.Builder states = new SlotStates.Builder(map.slotCount(), map.states());
    states.forget(slot);
    return map.next(map.table(), map.owners(), states.build(), map.pinTable().without(slot));
  }

  static ShardMap withoutShard(ShardMap map, String id) {
    int removed = map.table().require(id);
    refuseOwner(map, removed);
    for (int slot : map.states().inMotion()) {
      if (map.states().target(slot) == removed) {
        throw new ShardMapException(
            "shard '"
                + id
                + "' can't be removed while slot "
                + slot
                + " is on its way to it: complete or cancel the move first");
      }
    }
    List<Shard> rest = new ArrayList<>(map.shards());
    rest.remove(removed);
    if (!MapChecks.anyActive(rest)) {
      throw new ShardMapException(
          "shard '" + id + "' can't be removed: it is the last that is ACTIVE");
    }
    return onTable(map, ShardTable.of(rest, map.table().extras()), map.epoch() + 1);
  }

  private static void refuseOwner(ShardMap map, int ordinal) {
    int slots = 0;
    for (int owner : map.owners().toArray()) {
      slots += owner == ordinal ? 1 : 0;
    }
    String id = map.table().id(ordinal);
    if (slots > 0) {
      throw new ShardMapException(
          "shard '"
              + id
              + "' can't be removed: it still owns "
              + slots
              + (slots == 1 ? " slot" : " slots")
              + " of "
              + map.slotCount()
              + "; move them away first, by rebalance(membership().without(\""
              + id
              + "\"))");
    }
    refusePinned(map, ordinal);
  }

  /** Refuses to remove a shard that keys are pinned to. */
  static void refusePinned(ShardMap map, int ordinal) {
    PinTable pins = map.pinTable();
    List<String> names = new ArrayList<>();
    int count = 0;
    for (int i = 0; i < pins.size(); i++) {
      if (pins.owner(i) == ordinal) {
        if (count++ < NAMED_IN_MESSAGES) {
          names.add(PinKeys.describe(pins.key(i)));
        }
      }
    }
    if (count > 0) {
      throw new ShardMapException(
          "shard '"
              + map.table().id(ordinal)
              + "' can't be removed: "
              + (count == 1 ? "a key is" : count + " keys are")
              + " pinned to it: "
              + String.join(", ", names)
              + (count > names.size() ? ", …" : "")
              + "; move their slots or remove the pins first");
    }
  }

  static ShardMap withSlotFields(ShardMap map, int slot, Map<String, ?> fields) {
    map.ownerOrdinal(slot);
    SlotStates.Builder states = new SlotStates.Builder(map.slotCount(), map.states());
    states.extra(slot, JsonValues.fields("slot " + slot, fields, ShardMapJson.SLOT_FIELDS));
    states.bump(slot);
    return map.next(map.table(), map.owners(), states.build(), map.pinTable());
  }

  static ShardMap doubled(ShardMap map) {
    int old = map.slotCount();
    if (old * 2 > ShardMap.MAX_SLOTS) {
      throw new ShardMapException(
          "the map has "
              + old
              + " slots and can't be doubled: there can be "
              + ShardMap.MAX_SLOTS
              + " at most");
    }
    int block = map.slotsPerRegion();
    int[] owners = new int[old * 2];
    SlotStates from = map.states();
    SlotStates.Builder states = new SlotStates.Builder(old * 2);
    for (int slot = 0; slot < owners.length; slot++) {
      int source = slot / (2 * block) * block + slot % block;
      owners[slot] = map.owners().at(source);
      copyState(from, source, slot, states);
    }
    PinTable pins = map.pinTable();
    for (int i = 0; i < pins.size(); i++) {
      copyState(from, pins.slot(i), pins.slot(i), states);
    }
    return map.next(map.table(), OwnerTable.of(owners), states.build(), pins);
  }

  private static void copyState(SlotStates from, int source, int slot, SlotStates.Builder to) {
    if (from.isPlain()) {
      return;
    }
    if (from.target(source) >= 0) {
      to.move(slot, from.target(source), from.state(source) == SlotState.FENCED);
    }
    to.version(slot, from.version(source));
    to.extra(slot, from.extra(source));
  }

  /** The same map over another table that holds every shard in use. */
  static ShardMap onTable(ShardMap map, ShardTable table, long epoch) {
    int[] there = map.table().ordinalsIn(table);
    SlotStates.Builder states = new SlotStates.Builder(map.slotCount(), map.states());
    for (int slot : map.states().inMotion()) {
      states.move(slot, there[states.target(slot)], states.fenced(slot));
    }
    return new ShardMap(
        epoch,
        map.regions(),
        table,
        OwnerTable.of(translated(map.owners().toArray(), there)),
        states.build(),
        map.pinTable().withOwners(translated(map.pinTable().owners(), there)),
        map.extra());
  }

  /** Ordinals of one table as those of another. */
  static int[] translated(int[] ordinals, int[] there) {
    int[] translated = new int[ordinals.length];
    for (int i = 0; i < ordinals.length; i++) {
      translated[i] = there[ordinals[i]];
    }
    return translated;
  }
}
