package io.headroom.sharding;

import io.headroom.sharding.ShardColumns.Fields;

/**
 * The life of a slot: OWNED, MOVING, FENCED, OWNED by another.
 *
 * <p>Every change counts in the slot's version, and the whole batch as one epoch.
 */
final class Transitions {

  private final ShardMap map;
  private final SlotStates.Builder states;
  private OwnerTable owners;
  private int[] pinOwners;

  private Transitions(ShardMap map) {
    this.map = map;
    this.states = new SlotStates.Builder(map.slotCount(), map.states());
    this.owners = map.owners();
    this.pinOwners = map.pinTable().owners();
  }

  static ShardMap start(ShardMap map, int slot, String targetId) {
    Transitions change = new Transitions(map);
    int owner = map.ownerOrdinal(slot);
    int target = map.table().require(targetId);
    if (change.states.target(slot) >= 0) {
      throw change.refused(slot, "moved", "it is on its way already: complete or cancel that move");
    }
    if (owner == target) {
      throw change.refused(slot, "moved", "shard '" + targetId + "' owns it already");
    }
    Fields there = map.table().fields(target);
    if (there.state() != ShardState.ACTIVE) {
      throw change.refused(slot, "moved", "its target '" + targetId + "' is " + there.state());
    }
    if (slot < map.slotCount() && !map.regions().isEmpty()) {
      String region = map.regions().get(slot / map.slotsPerRegion());
      if (!region.equals(there.region())) {
        throw change.refused(
            slot,
            "moved",
            "it belongs to region '" + region + "' and '" + targetId + "' is in " + there.region());
      }
    }
    change.states.move(slot, target, false);
    change.states.bump(slot);
    return change.done();
  }

  static ShardMap fence(ShardMap map, int... slots) {
    if (slots.length == 0) {
      return map;
    }
    Transitions change = new Transitions(map);
    for (int slot : slots) {
      map.ownerOrdinal(slot);
      int target = change.states.target(slot);
      if (target < 0 || change.states.fenced(slot)) {
        throw change.refused(slot, "fenced", "only a slot that is MOVING can be");
      }
      change.states.move(slot, target, true);
      change.states.bump(slot);
    }
    return change.done();
  }

  static ShardMap complete(ShardMap map, int... slots) {
    if (slots.length == 0) {
      return map;
    }
    Transitions change = new Transitions(map);
    int[] owners = map.owners().toArray();
    for (int slot : slots) {
      int target = change.requireInMotion(slot, "completed");
      if (slot < owners.length) {
        owners[slot] = target;
      } else {
        change.pinOwners[map.pinTable().position(slot)] = target;
      }
      change.states.rest(slot);
      change.states.bump(slot);
    }
    change.owners = OwnerTable.of(owners);
    return change.done();
  }

  static ShardMap cancel(ShardMap map, int... slots) {
    if (slots.length == 0) {
      return map;
    }
    Transitions change = new Transitions(map);
    for (int slot : slots) {
      change.requireInMotion(slot, "called back");
      change.states.rest(slot);
      change.states.bump(slot);
    }
    return change.done();
  }

  private int requireInMotion(int slot, String verb) {
    map.ownerOrdinal(slot);
    int target = states.target(slot);
    if (target < 0) {
      throw refused(slot, verb, "only a slot that is MOVING or FENCED can be");
    }
    return target;
  }

  private ShardMapException refused(int slot, String verb, String why) {
    int target = states.target(slot);
    String state = target < 0 ? "OWNED" : states.fenced(slot) ? "FENCED" : "MOVING";
    return new ShardMapException(
        "slot "
            + slot
            + " can't be "
            + verb
            + " at epoch "
            + map.epoch()
            + ": it is "
            + state
            + (target < 0 ? "" : " to '" + map.table().id(target) + "'")
            + ", owned by '"
            + map.table().id(map.ownerOrdinal(slot))
            + "', and "
            + why);
  }

  private ShardMap done() {
    return map.next(map.table(), owners, states.build(), map.pinTable().withOwners(pinOwners));
  }
}
