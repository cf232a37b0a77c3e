package io.headroom.sharding;

import io.headroom.SetOnce;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a first {@link ShardMap}, a pure function of what is given here, in whatever order.
 *
 * <pre>{@code
 * ShardMap map = ShardMap.builder()
 *     .slots(4096)
 *     .shard("small")
 *     .shard("large", 2)
 *     .pin(4711L, "small")
 *     .build();
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class ShardMapBuilder {

  private final List<Shard> shards = new ArrayList<>();
  private final Map<Object, Pinned> pins = new LinkedHashMap<>();
  private List<String> regions = List.of();
  private @Nullable Integer slots;
  private @Nullable Long epoch;
  private @Nullable List<String> owners;

  private record Pinned(Object key, String shardId) {}

  ShardMapBuilder() {}

  /**
   * Sets the number of slots; with regions, the number of slots of each.
   *
   * @param count a power of two up to 2<sup>20</sup>; {@value ShardMap#DEFAULT_SLOTS} unless set
   * @return this builder
   * @throws IllegalArgumentException if it isn't a power of two, or too large
   * @throws IllegalStateException if it is set already
   */
  public ShardMapBuilder slots(int count) {
    if (Integer.bitCount(count) != 1 || count < 1 || count > ShardMap.MAX_SLOTS) {
      throw new IllegalArgumentException(
          "slots(" + count + "): give a power of two from 1 to " + ShardMap.MAX_SLOTS);
    }
    slots = Options.once("map", "slots", slots, count);
    return this;
  }

  /**
   * Sets the epoch.
   *
   * @param number 1 or more; 1 unless set
   * @return this builder
   * @throws IllegalArgumentException if it is below 1
   * @throws IllegalStateException if it is set already
   */
  public ShardMapBuilder epoch(long number) {
    if (number < 1) {
      throw new IllegalArgumentException("epoch(" + number + "): give 1 or more");
    }
    epoch = Options.once("map", "epoch", epoch, number);
    return this;
  }

  /**
   * Gives each of these regions a block of slots of its own, in this order, owned only by its own
   * shards.
   *
   * @param names the regions
   * @return this builder
   * @throws IllegalArgumentException if one is blank or given twice
   * @throws IllegalStateException if regions are set already
   */
  public ShardMapBuilder regions(String... names) {
    List<String> given = List.of(names);
    MapChecks.checkRegionNames(given);
    regions = Options.once("map", "regions", regions.isEmpty() ? null : regions, given);
    return this;
  }

  /**
   * Adds a shard of weight 1.
   *
   * @param id its id
   * @return this builder
   * @throws IllegalArgumentException if the id is blank
   */
  public ShardMapBuilder shard(String id) {
    return shard(Shard.of(id));
  }

  /**
   * Adds a shard.
   *
   * @param id its id
   * @param weight its share beside the other shards' weights
   * @return this builder
   * @throws IllegalArgumentException if the id is blank or the weight out of its range
   */
  public ShardMapBuilder shard(String id, double weight) {
    return shard(Shard.of(id).withWeight(weight));
  }

  /**
   * Adds a shard.
   *
   * @param shard the shard
   * @return this builder
   */
  public ShardMapBuilder shard(Shard shard) {
    shards.add(Objects.requireNonNull(shard, "shard"));
    return this;
  }

  /**
   * Adds shards.
   *
   * @param more the shards, in any order
   * @return this builder
   */
  public ShardMapBuilder shards(Collection<Shard> more) {
    more.forEach(this::shard);
    return this;
  }

  /**
   * Pins a key to a shard, see {@link ShardMap#withPin}. Pins get their slots in the order given.
   *
   * @param key an integer of any type, a String, a UUID or a byte array
   * @param shardId the shard where it lives
   * @return this builder
   * @throws IllegalArgumentException if keys of this type can't be pinned
   * @throws IllegalStateException if it is pinned already
   */
  public ShardMapBuilder pin(Object key, String shardId) {
    Objects.requireNonNull(key, () -> "pin(null, \"" + shardId + "\"): the key must not be null");
    Object normalized = PinKeys.normalized(key);
    Objects.requireNonNull(
        shardId, () -> "pin of " + PinKeys.describe(normalized) + ": shardId must not be null");
    Pinned before =
        pins.putIfAbsent(PinKeys.lookupForm(normalized), new Pinned(normalized, shardId));
    if (before != null) {
      throw new IllegalStateException(
          "the key "
              + PinKeys.describe(normalized)
              + " is pinned twice, to '"
              + before.shardId
              + "' and to '"
              + shardId
              + "': remove one pin (integers of all types are one key)");
    }
    return this;
  }

  /**
   * Says for every slot who owns it, instead of letting the builder give out the slots.
   *
   * @param ownerBySlot the ids of the owners of slot 0, slot 1, and so on; any number up to
   *     2<sup>20</sup>. Shards that aren't added by {@code shard(...)} are errors, unless none is
   *     added: then they all have weight 1.
   * @return this builder
   * @throws IllegalArgumentException if the list is empty or too long
   * @throws IllegalStateException if owners are set already
   */
  public ShardMapBuilder owners(List<String> ownerBySlot) {
    if (ownerBySlot.isEmpty() || ownerBySlot.size() > ShardMap.MAX_SLOTS) {
      throw new IllegalArgumentException(
          "owners(…) of "
              + ownerBySlot.size()
              + " slots: give the owners of 1 to "
              + ShardMap.MAX_SLOTS);
    }
    SetOnce.refuseSecond("map", "owners", owners != null);
    owners = List.copyOf(ownerBySlot);
    return this;
  }

  /**
   * Makes the map. Warns in the log if there are fewer than 100 slots a shard.
   *
   * @return the map
   * @throws IllegalArgumentException if there is no shard, two have one id, all are DRAINING, or a
   *     region has none
   * @throws IllegalStateException if slots and owners contradict each other, or slots and regions
   *     would make more than 2<sup>20</sup> slots
   * @throws UnknownShardException if a pin or an owner names a shard that wasn't added
   */
  public ShardMap build() {
    List<String> given = owners;
    long blocks = Math.max(1, regions.size());
    if (given != null && slots != null && slots * blocks != given.size()) {
      throw new IllegalStateException(
          "slots(" + slots + ") and owners(…) of " + given.size() + " slots: leave slots out");
    }
    ShardTable table = ShardTable.of(given == null ? shards : withOwnersOf(given), Map.of());
    int[] ownerOrdinals = given == null ? bootstrap(table) : ordinals(table, given);
    Map<Object, Integer> pinned = new LinkedHashMap<>();
    pins.values().forEach(pin -> pinned.put(pin.key, owner(pin, table)));
    return new ShardMap(
        epoch == null ? 1 : epoch,
        regions,
        table,
        OwnerTable.of(ownerOrdinals),
        SlotStates.NONE,
        PinTable.NONE.plus(pinned),
        Map.of());
  }

  private static int owner(Pinned pin, ShardTable table) {
    try {
      return table.require(pin.shardId);
    } catch (UnknownShardException e) {
      throw new UnknownShardException(
          pin.shardId, "pin of " + PinKeys.describe(pin.key) + ": " + e.getMessage());
    }
  }

  private int[] bootstrap(ShardTable table) {
    int count = slots == null ? ShardMap.DEFAULT_SLOTS : slots;
    if ((long) count * regions.size() > ShardMap.MAX_SLOTS) {
      throw new IllegalStateException(
          "slots("
              + count
              + ") for each of "
              + regions.size()
              + " regions: give fewer, there can be "
              + ShardMap.MAX_SLOTS
              + " in all");
    }
    return Bootstrap.owners(count, regions, table);
  }

  private List<Shard> withOwnersOf(List<String> given) {
    if (!shards.isEmpty()) {
      return shards;
    }
    Set<String> distinct = new LinkedHashSet<>(given);
    return distinct.stream().map(Shard::of).toList();
  }

  private static int[] ordinals(ShardTable table, List<String> ids) {
    int[] ordinals = new int[ids.size()];
    for (int slot = 0; slot < ordinals.length; slot++) {
      ordinals[slot] = table.require(ids.get(slot));
    }
    return ordinals;
  }
}
