package io.headroom.sharding;

import io.headroom.KeyType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Key to slot: the half of routing that depends on the key's kind, with the SQL that computes the
 * same on PostgreSQL.
 *
 * <pre>{@code
 * ShardStrategy<Long> users = ShardStrategy.hashedLongs();
 * ShardStrategy<Long> companies = ShardStrategy.modulo(10); // adopt company_id % 10 as it is
 * LongRanges orders =
 *     ShardStrategy.longRanges()
 *         .between(1, 1000, "shard-a")
 *         .atLeast(1001, "shard-b")
 *         .build();
 * }</pre>
 *
 * <p>Pins are none of a strategy's business: the router asks the map for them first, whatever the
 * strategy. Implementations are immutable, or at least thread-safe, and answer the same slot for
 * the same key and map, always.
 *
 * @param <K> the type of the keys
 */
public interface ShardStrategy<K> {

  /**
   * Slots by hash, the default: {@code KeyHash.of(key) & (slots - 1)}.
   *
   * @param keyType what the keys are
   * @param <K> the keys' Java type, one that {@code keyType} accepts
   * @return the strategy; it fits every map whose slot count is a power of two
   */
  static <K> ShardStrategy<K> hashed(KeyType keyType) {
    return new HashedStrategy<>(keyType);
  }

  /**
   * Slots by hash, of integer keys.
   *
   * @return the strategy {@code hashed(KeyType.INTEGER)}
   */
  static ShardStrategy<Long> hashedLongs() {
    return hashed(KeyType.INTEGER);
  }

  /**
   * Slots by hash, of text keys.
   *
   * @return the strategy {@code hashed(KeyType.TEXT)}
   */
  static ShardStrategy<String> hashedStrings() {
    return hashed(KeyType.TEXT);
  }

  /**
   * Slots by hash, of UUID keys.
   *
   * @return the strategy {@code hashed(KeyType.UUID)}
   */
  static ShardStrategy<UUID> hashedUuids() {
    return hashed(KeyType.UUID);
  }

  /**
   * Closed ranges of integers, one slot each: 1 to 1000, 1001 to 2000.
   *
   * @return a builder that checks for gaps and overlaps
   */
  static LongRanges.Builder longRanges() {
    return new LongRanges.Builder();
  }

  /**
   * Half-open ranges of text in the order of code points, one slot each: below N, from N.
   *
   * @return a builder that checks for gaps and overlaps
   */
  static TextRanges.Builder textRanges() {
    return new TextRanges.Builder();
  }

  /**
   * The remainder by a divisor, as in {@code company_id % 10}, to adopt a layout as it is.
   *
   * <p>Negative keys count up from the divisor, as {@link Math#floorMod(long, int)} does.
   *
   * @param divisor how many slots, from 1 to 1,048,576
   * @return the strategy; it fits maps of {@code divisor} slots
   * @throws IllegalArgumentException if the divisor is out of range
   */
  static ShardStrategy<Long> modulo(int divisor) {
    return new ModuloStrategy<>(divisor);
  }

  /**
   * Only pins: a key lives where the map pins it, and any other key is unknown.
   *
   * <p>A directory with a fallback is any other strategy with pins in its map.
   *
   * @param keyType what the keys are
   * @param <K> the keys' Java type, one that {@code keyType} accepts
   * @return the strategy; it fits every map
   */
  static <K> ShardStrategy<K> directory(KeyType keyType) {
    return new DirectoryStrategy<>(keyType);
  }

  /**
   * The region first, then slots by hash within the region's block.
   *
   * <p>A pin names the key alone, without its region. The SQL takes two columns: region, key.
   *
   * @param keyType what the keys within a region are
   * @param region the region's name in the map, out of the key
   * @param key what is hashed, out of the key
   * @param <K> the type that carries both
   * @return the strategy; it fits maps with regions
   */
  static <K> ShardStrategy<K> regionFirst(
      KeyType keyType, Function<? super K, String> region, Function<? super K, ?> key) {
    return new RegionFirstStrategy<>(keyType, region, key);
  }

  /**
   * The slot in the low bits of the id itself: {@code id & (slots - 1)}, as sharded ids carry it.
   *
   * @return the strategy; it fits every map whose slot count is a power of two
   */
  static ShardStrategy<Long> slotInId() {
    return new SlotInIdStrategy<>();
  }

  /**
   * What kind of key is routed, and so what kind of pin can meet it.
   *
   * @return the type of {@link #pinnedKey(Object)}
   */
  KeyType keyType();

  /**
   * Answers the slot of a key, pins aside.
   *
   * @param key the key, not null
   * @param map the map in force, one that {@link #checkFits(ShardMap)} accepted
   * @return its slot, from 0 to the map's slot count, exclusive
   * @throws UnknownKeyException if no slot is meant for this key
   * @throws IllegalArgumentException if the strategy cannot route keys of this class
   */
  int slotFor(K key, ShardMap map);

  /**
   * Answers the slot of an integer key without boxing it, pins aside.
   *
   * @param key the key
   * @param map the map in force, one that {@link #checkFits(ShardMap)} accepted
   * @return its slot, from 0 to the map's slot count, exclusive
   * @throws UnknownKeyException if no slot is meant for this key
   * @throws IllegalArgumentException if the strategy does not route plain integers
   */
  default int slotFor(long key, ShardMap map) {
    throw new IllegalArgumentException(this + " does not route plain integers; given " + key);
  }

  /**
   * The part of a key that a pin names: the key itself, unless it is made of several.
   *
   * @param key the key, not null
   * @return the part
   */
  default Object pinnedKey(K key) {
    return key;
  }

  /**
   * Checks that this strategy and a map agree on the slots.
   *
   * @param map the map that is about to come into force
   * @throws ShardMapException if they don't, naming both
   */
  void checkFits(ShardMap map);

  /**
   * Answers the slots that a range of keys can touch, pins aside.
   *
   * @param from the lowest key, inclusive
   * @param to the highest key, inclusive
   * @param map the map in force
   * @return at least every slot of every key in the range; empty if the order of keys says nothing
   *     about slots, so that it can be any
   * @throws IllegalArgumentException if {@code from} is above {@code to}
   */
  default Optional<IntStream> slotsBetween(K from, K to, ShardMap map) {
    return Optional.empty();
  }

  /**
   * Answers the SQL expression that computes {@link #slotFor(Object, ShardMap)} on PostgreSQL, an
   * integer, pins aside. It is NULL where the strategy would throw {@link UnknownKeyException}, and
   * for NULL.
   *
   * @param map the map in force
   * @param columns the columns, or expressions, that hold the key; the last one is what a pin names
   * @return the expression, in parentheses where it needs them
   * @throws IllegalArgumentException if the number of columns is wrong
   */
  String slotSql(ShardMap map, List<String> columns);
}
