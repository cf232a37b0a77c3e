package io.headroom.sharding;

import io.headroom.KeyHash;
import io.headroom.KeyType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A map together with all that a look-up on it needs: what a router swaps with one volatile write.
 *
 * <p>Whoever needs several facts about one key (its slot, that slot's version, the owner, the
 * epoch) takes one snapshot and asks it for all of them, so that they come from one map. Immutable;
 * nothing here allocates per look-up.
 */
final class RouterSnapshot<K> {

  /** The mask when look-ups cannot be inlined: no hash has this many bits. */
  private static final int NO_MASK = -1;

  private final String router;
  private final ShardMap map;
  private final ShardStrategy<K> strategy;
  private final OwnerTable owners;
  private final int longMask;
  private final int textMask;
  private final boolean pinned;

  /** Filled by a benign race: every thread computes the same. */
  private @Nullable Set<Shard> owningShards;

  RouterSnapshot(String router, ShardStrategy<K> strategy, ShardMap map) {
    this.router = router;
    this.map = map;
    this.strategy = strategy;
    this.owners = map.owners();
    this.pinned = map.hasPins();
    boolean inlined = !pinned && strategy instanceof HashedStrategy;
    KeyType type = strategy.keyType();
    this.longMask = inlined && type == KeyType.INTEGER ? owners.size() - 1 : NO_MASK;
    this.textMask = inlined && type == KeyType.TEXT ? owners.size() - 1 : NO_MASK;
  }

  ShardMap map() {
    return map;
  }

  ShardStrategy<K> strategy() {
    return strategy;
  }

  int slotFor(long key) {
    int mask = longMask;
    return mask >= 0 ? (int) KeyHash.of(key) & mask : slotByStrategy(key);
  }

  int ordinalFor(long key) {
    int mask = longMask;
    return mask >= 0 ? owners.at((int) KeyHash.of(key) & mask) : ordinalOfSlot(slotByStrategy(key));
  }

  private int slotByStrategy(long key) {
    if (pinned && strategy.keyType() == KeyType.INTEGER) {
      int slot = map.slotOfPin(key);
      if (slot >= 0) {
        return slot;
      }
    }
    return strategy.slotFor(key, map);
  }

  int slotFor(K key) {
    int mask = textMask;
    return mask >= 0 && key instanceof String text
        ? (int) KeyHash.of(text) & mask
        : slotByStrategy(key);
  }

  int ordinalFor(K key) {
    int mask = textMask;
    return mask >= 0 && key instanceof String text
        ? owners.at((int) KeyHash.of(text) & mask)
        : ordinalOfSlot(slotByStrategy(key));
  }

  private int slotByStrategy(K key) {
    if (key == null) {
      throw new NullPointerException(
          "router '"
              + router
              + "': the key must not be null, since no shard owns null; give each row a key");
    }
    if (strategy.keyType() == KeyType.INTEGER && KeyReader.isInteger(key)) {
      // Integer 5 and Long 5 are one key
      return slotFor(((Number) key).longValue());
    }
    try {
      if (pinned) {
        // as in SQL, a pin of another type meets no key; the strategy says which type it wants
        Object part = strategy.pinnedKey(key);
        int slot = strategy.keyType().accepts(part.getClass()) ? map.slotOfPin(part) : -1;
        if (slot >= 0) {
          return slot;
        }
      }
      return strategy.slotFor(key, map);
    } catch (ClassCastException wrongType) {
      throw new IllegalArgumentException(
          "router '"
              + router
              + "': "
              + strategy
              + " does not take keys of type "
              + key.getClass().getTypeName(),
          wrongType);
    }
  }

  int ordinalOfSlot(int slot) {
    return slot < owners.size() ? owners.at(slot) : map.ownerOrdinal(slot);
  }

  Set<Shard> shardsBetween(K from, K to) {
    Optional<IntStream> slots = strategy.slotsBetween(from, to, map);
    if (slots.isEmpty()) {
      return owningShards();
    }
    BitSet ordinals = new BitSet();
    slots.get().forEach(slot -> ordinals.set(owners.at(slot)));
    Object low = strategy.pinnedKey(from);
    Object high = strategy.pinnedKey(to);
    for (Pin pin : map.pins()) {
      if (mayLieBetween(pin.key(), low, high)) {
        ordinals.set(map.ownerOrdinal(pin.slot()));
      }
    }
    return shards(ordinals);
  }

  /** Where a type has no order that Java and SQL share, any pin may lie in any range. */
  private static boolean mayLieBetween(Object pin, Object low, Object high) {
    if (pin instanceof Long integer && KeyReader.isInteger(low) && KeyReader.isInteger(high)) {
      return integer >= ((Number) low).longValue() && integer <= ((Number) high).longValue();
    }
    if (pin instanceof String text && low instanceof String from && high instanceof String to) {
      return CodePoints.compare(from, text) <= 0 && CodePoints.compare(text, to) <= 0;
    }
    return true;
  }

  private Set<Shard> owningShards() {
    Set<Shard> known = owningShards;
    if (known == null) {
      BitSet ordinals = new BitSet();
      for (int slot = 0; slot < owners.size(); slot++) {
        ordinals.set(owners.at(slot));
      }
      map.pins().forEach(pin -> ordinals.set(map.ownerOrdinal(pin.slot())));
      known = shards(ordinals);
      owningShards = known;
    }
    return known;
  }

  private Set<Shard> shards(BitSet ordinals) {
    Set<Shard> shards = new LinkedHashSet<>();
    ordinals.stream().forEach(ordinal -> shards.add(map.shardAt(ordinal)));
    return Collections.unmodifiableSet(shards);
  }

  String slotSql(List<String> columns) {
    String unpinned = strategy.slotSql(map, columns);
    if (!pinned) {
      return unpinned;
    }
    KeyType type = strategy.keyType();
    String column = SqlText.operand(columns.get(columns.size() - 1));
    List<String> cases = new ArrayList<>();
    for (Pin pin : map.pins()) {
      Object key = pin.key();
      // a pin of another type, or of text that no column can hold, meets no row
      if (KeyType.of(key) == type && SqlText.storable(key)) {
        cases.add("WHEN " + column + " = " + SqlText.literal(type, key) + " THEN " + pin.slot());
      }
    }
    return cases.isEmpty()
        ? unpinned
        : "CASE " + String.join(" ", cases) + " ELSE " + unpinned + " END";
  }
}
