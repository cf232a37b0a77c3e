package io.headroom.sharding;

import io.headroom.KeyType;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The region's block of slots, then the hash within it. */
final class RegionFirstStrategy<K> implements ShardStrategy<K> {

  private final KeyType keyType;
  private final Function<? super K, String> region;
  private final Function<? super K, ?> key;

  RegionFirstStrategy(
      KeyType keyType, Function<? super K, String> region, Function<? super K, ?> key) {
    this.keyType = Objects.requireNonNull(keyType, "keyType must not be null");
    this.region = Objects.requireNonNull(region, "region must not be null");
    this.key = Objects.requireNonNull(key, "key must not be null");
  }

  @Override
  public KeyType keyType() {
    return keyType;
  }

  @Override
  public Object pinnedKey(K key) {
    return required(this.key.apply(key), "key within", key);
  }

  @Override
  public int slotFor(K key, ShardMap map) {
    int slots = map.slotsPerRegion();
    long hash = KeyReader.hash(keyType, pinnedKey(key), this);
    return blockOf(key, map) * slots + (int) (hash & (slots - 1));
  }

  /** The slot of a key whose parts are given apart, pins included. */
  int slotFor(String region, Object key, ShardMap map) {
    int pinned = keyType.accepts(key.getClass()) ? map.slotOfPin(key) : -1;
    if (pinned >= 0) {
      return pinned;
    }
    int slots = map.slotsPerRegion();
    long hash = KeyReader.hash(keyType, key, this);
    return blockOf(region, key, map) * slots + (int) (hash & (slots - 1));
  }

  private int blockOf(K key, ShardMap map) {
    return blockOf(required(region.apply(key), "region of", key), key, map);
  }

  private <P> P required(@Nullable P part, String which, K key) {
    if (part == null) {
      throw new NullPointerException(this + ": the " + which + " " + key + " must not be null");
    }
    return part;
  }

  private int blockOf(String name, Object key, ShardMap map) {
    int block = map.regions().indexOf(name);
    if (block < 0) {
      throw new UnknownKeyException(
          "key "
              + key
              + " is of region '"
              + name
              + "', which the map of epoch "
              + map.epoch()
              + " does not have; its regions are "
              + map.regions());
    }
    return block;
  }

  @Override
  public void checkFits(ShardMap map) {
    if (map.regions().isEmpty()) {
      throw new ShardMapException(
          this
              + " needs a map with regions; the map of epoch "
              + map.epoch()
              + " has none. Name them when you build it");
    }
    if (Integer.bitCount(map.slotsPerRegion()) != 1) {
      throw new ShardMapException(
          this
              + " needs a power of two of slots per region; the map of epoch "
              + map.epoch()
              + " has "
              + map.slotsPerRegion());
    }
  }

  @Override
  public Optional<IntStream> slotsBetween(K from, K to, ShardMap map) {
    int slots = map.slotsPerRegion();
    int block = blockOf(from, map);
    // across regions the order of keys, if there is one, is the application's own
    return block == blockOf(to, map)
        ? Optional.of(IntStream.range(block * slots, (block + 1) * slots))
        : Optional.empty();
  }

  @Override
  public String slotSql(ShardMap map, List<String> columns) {
    List<String> operands = SqlText.columns(2, columns, this);
    int slots = map.slotsPerRegion();
    StringBuilder block = new StringBuilder("CASE ").append(operands.get(0));
    for (int i = 0; i < map.regions().size(); i++) {
      block.append(" WHEN ").append(SqlText.text(map.regions().get(i)));
      block.append(" THEN ").append(i * slots);
    }
    return "(" + block + " END + " + HashedStrategy.hashSql(keyType, operands.get(1), slots) + ")";
  }

  @Override
  public String toString() {
    return "regionFirst(" + keyType + ")";
  }
}
