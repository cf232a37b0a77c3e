package io.headroom.sharding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which shard owns which slot: the one thing that all instances of an application must agree on.
 *
 * <pre>{@code
 * ShardMap map = ShardMap.of("orders-1", "orders-2", "orders-3");
 * Shard owner = map.ownerOf(4711);
 * RebalancePlan plan = map.rebalance(map.membership().with(Shard.of("orders-4")));
 * }</pre>
 *
 * <p>A map made by {@link #of} or {@link #builder} is a pure function of its members: any order of
 * the list, any JVM, the same map. The shares follow the weights as by weighted rendezvous hashing,
 * so they vary around them; {@link #rebalance(Membership)} gives exact ones. Every change makes a
 * new map whose epoch is one higher; slots change their owner only when a move is completed.
 *
 * <p>Slots are numbered from 0 to {@link #slotCount()}; a pinned key has a slot of its own from
 * {@link #FIRST_PINNED_SLOT} on. With regions, region i has the block of slots from {@code i *
 * slotsPerRegion()} to {@code (i + 1) * slotsPerRegion()}, owned by shards of that region only.
 *
 * <p>Shards are sorted by id, in code point order; a shard's ordinal is its position there. A map
 * of 2<sup>20</sup> slots and 100,000 shards takes about 4 MB, plus 24 bytes for each shard that
 * was ever asked for as a {@link Shard}, plus some 60 where its {@link Shard#id() id} was read.
 *
 * <p>Immutable and thread-safe.
 */
public final class ShardMap {

  /** The number of slots unless another is set. */
  public static final int DEFAULT_SLOTS = 16_384;

  /** The largest number of slots that keys hash to, all regions together. */
  public static final int MAX_SLOTS = 1 << 20;

  /** The slots of pinned keys are numbered from here, so that doubling doesn't touch them. */
  public static final int FIRST_PINNED_SLOT = 1 << 20;

  private final long epoch;
  private final List<String> regions;
  private final ShardTable table;
  private final OwnerTable owners;
  private final SlotStates states;
  private final PinTable pins;
  private final Map<String, Object> extra;

  /** Made on first use; a benign race, since every thread would make the same. */
  private @Nullable String fingerprint;

  ShardMap(
      long epoch,
      List<String> regions,
      ShardTable table,
      OwnerTable owners,
      SlotStates states,
      PinTable pins,
      Map<String, Object> extra) {
    this.epoch = epoch;
    this.regions = regions;
    this.table = table;
    this.owners = owners;
    this.states = states;
    this.pins = pins;
    this.extra = extra;
    MapChecks.check(this);
  }

  /**
   * A map of shards of weight 1 on {@value #DEFAULT_SLOTS} slots.
   *
   * @param ids the shards' ids, in any order
   * @return the map, of epoch 1
   * @throws IllegalArgumentException if there is no id, or one is blank or given twice
   */
  public static ShardMap of(String... ids) {
    return of(Arrays.asList(ids));
  }

  /**
   * A map of shards of weight 1 on {@value #DEFAULT_SLOTS} slots.
   *
   * @param ids the shards' ids, in any order
   * @return the map, of epoch 1
   * @throws IllegalArgumentException if there is no id, or one is blank or given twice
   */
  public static ShardMap of(Collection<String> ids) {
    ShardMapBuilder builder = builder();
    for (String id : ids) {
      builder.shard(id);
    }
    return builder.build();
  }

  /**
   * A map that says for every slot who owns it: to take over an existing layout as it is.
   *
   * @param ownerBySlot the id of the shard that owns slot 0, slot 1, and so on; 1 to 2<sup>20</sup>
   *     of them
   * @return the map, of epoch 1, in which every shard named has weight 1
   * @throws IllegalArgumentException if the list is empty or too long, or an id is blank
   */
  public static ShardMap ofOwners(List<String> ownerBySlot) {
    return builder().owners(ownerBySlot).build();
  }

  /**
   * Starts a map with weights, regions, pins or another number of slots.
   *
   * @return a new builder
   */
  public static ShardMapBuilder builder() {
    return new ShardMapBuilder();
  }

  /**
   * The number of this map in the course of all changes: of two maps the one with the higher epoch
   * is in force.
   *
   * @return 1 or more
   */
  public long epoch() {
    return epoch;
  }

  /**
   * The number of slots that keys hash to, of all regions together.
   *
   * @return 1 to {@link #MAX_SLOTS}
   */
  public int slotCount() {
    return owners.size();
  }

  /**
   * The regions that have a block of slots each, in the order of their blocks.
   *
   * @return the names; empty for a map without regions
   */
  public List<String> regions() {
    return regions;
  }

  /**
   * The number of slots of one region's block.
   *
   * @return {@link #slotCount()} by the number of regions; all slots for a map without regions
   */
  public int slotsPerRegion() {
    return owners.size() / Math.max(1, regions.size());
  }

  /**
   * The number of shards, draining ones included.
   *
   * @return 1 or more
   */
  public int shardCount() {
    return table.size();
  }

  /**
   * All shards, sorted by id, so that a shard's index is its ordinal.
   *
   * @return an unmodifiable view
   */
  public List<Shard> shards() {
    return table.asList();
  }

  /**
   * The shard of an id.
   *
   * @param id the shard's id
   * @return the shard
   * @throws UnknownShardException if the map has no such shard
   */
  public Shard shard(String id) {
    return table.shard(table.require(id));
  }

  /**
   * Whether the map has a shard of this id.
   *
   * @param id the id
   * @return whether it has
   */
  public boolean contains(String id) {
    return table.ordinal(id) >= 0;
  }

  /**
   * The shard at an ordinal.
   *
   * @param ordinal 0 to {@link #shardCount()} - 1
   * @return the shard
   * @throws IndexOutOfBoundsException if there is no such ordinal
   */
  public Shard shardAt(int ordinal) {
    return table.shard(ordinal);
  }

  /**
   * The shard that owns a slot.
   *
   * @param slot a hashed slot or the slot of a pin
   * @return the owner, which serves the slot whatever its state
   * @throws IllegalArgumentException if the map has no such slot
   */
  public Shard ownerOf(int slot) {
    return table.shard(ownerOrdinal(slot));
  }

  /**
   * The ordinal of the shard that owns a slot.
   *
   * @param slot a hashed slot or the slot of a pin
   * @return the owner's position in {@link #shards()}
   * @throws IllegalArgumentException if the map has no such slot
   */
  public int ownerOrdinal(int slot) {
    if (slot >= 0 && slot < owners.size()) {
      return owners.at(slot);
    }
    int position = pins.position(slot);
    if (position < 0) {
      throw noSuchSlot(slot);
    }
    return pins.owner(position);
  }

  /**
   * What the map says about a slot.
   *
   * @param slot a hashed slot or the slot of a pin
   * @return its state, owner, target and version
   * @throws IllegalArgumentException if the map has no such slot
   */
  public SlotStatus slotStatus(int slot) {
    String owner = table.id(ownerOrdinal(slot));
    int target = states.target(slot);
    return new SlotStatus(
        states.state(slot),
        owner,
        target < 0 ? null : table.id(target),
        states.version(slot),
        states.extra(slot));
  }

  /**
   * How often a slot's state has changed.
   *
   * @param slot a hashed slot or the slot of a pin
   * @return 0 or more
   */
  public long slotVersion(int slot) {
    return states.version(slot);
  }

  /**
   * Whether any slot is MOVING or FENCED.
   *
   * @return whether one is
   */
  public boolean hasMovingSlots() {
    return states.inMotion().length > 0;
  }

  /**
   * The slots that are MOVING or FENCED.
   *
   * @return their numbers, ascending
   */
  public int[] movingSlots() {
    return states.inMotion().clone();
  }

  /**
   * The pinned keys, in the order of their slots.
   *
   * @return an unmodifiable view
   */
  public List<Pin> pins() {
    return new View<>(
        pins.size(), i -> new Pin(pins.key(i), pins.slot(i), table.id(pins.owner(i))));
  }

  /**
   * Whether any key is pinned.
   *
   * @return whether one is
   */
  public boolean hasPins() {
    return pins.size() > 0;
  }

  /**
   * The slot of a pinned key.
   *
   * @param key an integer of any type, a String, a UUID or a byte array
   * @return its slot, or -1 if the key isn't pinned
   * @throws IllegalArgumentException if keys of this type can't be pinned
   */
  public int slotOfPin(Object key) {
    return pins.slotOf(key);
  }

  /**
   * The slot of a pinned integer; allocates nothing.
   *
   * @param key the integer
   * @return its slot, or -1 if the key isn't pinned
   */
  public int slotOfPin(long key) {
    return pins.slotOf(key);
  }

  /**
   * Who is to hold slots, as of this map: the start for a change of it.
   *
   * @return all shards of this map, draining ones included
   */
  public Membership membership() {
    return Membership.of(shards());
  }

  /**
   * Plans the fewest moves after which each shard has its weighted share of the slots, rounded down
   * or up.
   *
   * @param target who is to hold slots; shards of this map that it lacks are emptied and dropped
   * @return the plan; nothing has moved yet
   * @throws IllegalArgumentException if all shards of the target are DRAINING, or regions don't fit
   * @throws ShardMapException if slots are still in motion, or keys are pinned to a shard that the
   *     target lacks
   */
  public RebalancePlan rebalance(Membership target) {
    return Planner.plan(this, target, null);
  }

  /**
   * Plans moves after which each shard has about its weighted share of the measured load.
   *
   * <p>Each shard ends within 5 % of its share; or, where slots are too heavy for that, within the
   * load of the heaviest slot divided by the smallest share. An idle slot counts for 1/64 of the
   * average one. Moves are chosen greedily: few, but not provably the fewest.
   *
   * @param target who is to hold slots; shards of this map that it lacks are emptied and dropped
   * @param loads how much each slot is used
   * @return the plan; nothing has moved yet
   * @throws IllegalArgumentException if all shards of the target are DRAINING, or regions don't fit
   * @throws ShardMapException if slots are still in motion, or keys are pinned to a shard that the
   *     target lacks
   */
  public RebalancePlan rebalance(Membership target, SlotLoads loads) {
    return Planner.plan(this, target, loads);
  }

  /**
   * Pins a key to a shard: from now on the map says where it lives, not its hash.
   *
   * <p>No data moves by this. Pin a key that has data to the shard that holds it already, then move
   * its slot ({@link #slotOfPin(Object)}) like any other.
   *
   * @param key an integer of any type, a String, a UUID or a byte array
   * @param shardId the shard that holds the key's data
   * @return the changed map; this one if the key is pinned to that shard already
   * @throws IllegalArgumentException if keys of this type can't be pinned
   * @throws UnknownShardException if the map has no such shard
   * @throws ShardMapException if the key is pinned to another shard
   */
  public ShardMap withPin(Object key, String shardId) {
    return withPins(Collections.singletonMap(key, shardId));
  }

  /**
   * Pins many keys at once, as {@link #withPin} does one. They get their slots in the order of the
   * keys, not of the map, so that every JVM makes the same.
   *
   * @param shardIdByKey for every key the shard that holds its data
   * @return the changed map; this one if all are pinned there already
   * @throws IllegalArgumentException if keys of a type can't be pinned, or one key is given twice
   * @throws UnknownShardException if the map doesn't have one of the shards
   * @throws ShardMapException if a key is pinned to another shard
   */
  public ShardMap withPins(Map<?, String> shardIdByKey) {
    return MapEdits.withPins(this, shardIdByKey);
  }

  /**
   * Takes a pin away: from now on the key lives where its hash says. Its slot number is never used
   * again.
   *
   * @param key the pinned key
   * @return the changed map
   * @throws ShardMapException if the key isn't pinned, or its slot is in motion
   */
  public ShardMap withoutPin(Object key) {
    return MapEdits.withoutPin(this, key);
  }

  /**
   * Removes a shard that owns nothing any more.
   *
   * @param id the shard's id
   * @return the changed map
   * @throws UnknownShardException if the map has no such shard
   * @throws ShardMapException if it owns slots or pins, slots are on their way to it, or it is the
   *     last that is ACTIVE
   */
  public ShardMap withoutShard(String id) {
    return MapEdits.withoutShard(this, id);
  }

  /**
   * Sets the further fields of a slot, which the map keeps and serializes, and makes nothing of.
   *
   * @param slot a hashed slot or the slot of a pin
   * @param fields names and values: null, Boolean, String, numbers, and lists and maps of these
   * @return the changed map; the slot's version grows too
   * @throws IllegalArgumentException if the map has no such slot, or a field isn't fit for JSON
   */
  public ShardMap withSlotFields(int slot, Map<String, ?> fields) {
    return MapEdits.withSlotFields(this, slot, fields);
  }

  /**
   * The same map on twice as many slots; no data moves. Slot s of a block of n slots becomes s and
   * s + n, with the owner, the state and the version of s.
   *
   * @return the changed map
   * @throws ShardMapException if it would have more than {@link #MAX_SLOTS} slots
   */
  public ShardMap doubled() {
    return MapEdits.doubled(this);
  }

  /**
   * Puts a slot on its way to another shard: it is MOVING, and its owner still serves it.
   *
   * @param slot a hashed slot or the slot of a pin
   * @param target id of the shard it shall go to
   * @return the changed map
   * @throws IllegalArgumentException if the map has no such slot
   * @throws UnknownShardException if the map has no such shard
   * @throws ShardMapException if the slot is in motion already, or the target owns it, is DRAINING,
   *     or is of another region
   */
  public ShardMap startMove(int slot, String target) {
    return Transitions.start(this, slot, target);
  }

  /**
   * Closes moving slots for the moment of their cut-over.
   *
   * @param slots slots that are MOVING, in one change of the map
   * @return the changed map, in which they are FENCED
   * @throws IllegalArgumentException if the map has no such slot
   * @throws ShardMapException if one isn't MOVING
   */
  public ShardMap fence(int... slots) {
    return Transitions.fence(this, slots);
  }

  /**
   * Gives moving or fenced slots to the shards they are on their way to.
   *
   * @param slots slots that are MOVING or FENCED, in one change of the map
   * @return the changed map, in which their targets own them
   * @throws IllegalArgumentException if the map has no such slot
   * @throws ShardMapException if one isn't in motion
   */
  public ShardMap completeMove(int... slots) {
    return Transitions.complete(this, slots);
  }

  /**
   * Calls moving or fenced slots back: they stay with their owners.
   *
   * @param slots slots that are MOVING or FENCED, in one change of the map
   * @return the changed map, in which they are OWNED as before the move
   * @throws IllegalArgumentException if the map has no such slot
   * @throws ShardMapException if one isn't in motion
   */
  public ShardMap cancelMove(int... slots) {
    return Transitions.cancel(this, slots);
  }

  /**
   * A short digest of all that the map says: two maps of one epoch must have one fingerprint.
   *
   * @return 16 hexadecimal digits
   */
  public String fingerprint() {
    String made = fingerprint;
    if (made == null) {
      made = ShardMapJson.fingerprint(this);
      fingerprint = made;
    }
    return made;
  }

  /**
   * The map as JSON, to read, to compare line by line, and to {@link #parse}; equal maps have equal
   * texts.
   *
   * @return the text, ending in a line feed
   */
  public String toJson() {
    return ShardMapJson.write(this);
  }

  /**
   * Reads what {@link #toJson} wrote. Fields that this version doesn't know are kept, and written
   * again.
   *
   * @param json the text
   * @return the map
   * @throws ShardMapException if it isn't JSON, isn't a shard map, is of a newer format, or its
   *     fingerprint doesn't fit its content; the message says where
   */
  public static ShardMap parse(String json) {
    return ShardMapParser.parse(json);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof ShardMap that
            && epoch == that.epoch
            && owners.equals(that.owners)
            && regions.equals(that.regions)
            && table.equals(that.table)
            && states.equals(that.states)
            && pins.equals(that.pins)
            && extra.equals(that.extra));
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(epoch) + owners.hashCode();
  }

  @Override
  public String toString() {
    return "ShardMap[epoch "
        + epoch
        + ", "
        + owners.size()
        + " slots, "
        + table.size()
        + " shards, "
        + states.inMotion().length
        + " slots in motion, "
        + pins.size()
        + " pins]";
  }

  OwnerTable owners() {
    return owners;
  }

  ShardTable table() {
    return table;
  }

  SlotStates states() {
    return states;
  }

  PinTable pinTable() {
    return pins;
  }

  Map<String, Object> extra() {
    return extra;
  }

  /** The next map: one epoch on, everything that isn't given as it is here. */
  ShardMap next(ShardTable newTable, OwnerTable newOwners, SlotStates newStates, PinTable newPins) {
    return new ShardMap(epoch + 1, regions, newTable, newOwners, newStates, newPins, extra);
  }

  IllegalArgumentException noSuchSlot(int slot) {
    List<String> ranges = new ArrayList<>(List.of("0 to " + (owners.size() - 1)));
    if (pins.size() > 0) {
      ranges.add(pins.slot(0) + " to " + pins.slot(pins.size() - 1) + " for pins");
    }
    return new IllegalArgumentException(
        "slot " + slot + " is not in the map, which has " + String.join(" and ", ranges));
  }
}
