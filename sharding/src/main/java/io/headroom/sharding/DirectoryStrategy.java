package io.headroom.sharding;

import io.headroom.KeyType;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/** Only pins: whatever gets as far as this strategy has none, and is unknown. */
final class DirectoryStrategy<K> implements ShardStrategy<K> {

  private final KeyType keyType;

  DirectoryStrategy(KeyType keyType) {
    this.keyType = Objects.requireNonNull(keyType, "keyType must not be null");
  }

  @Override
  public KeyType keyType() {
    return keyType;
  }

  @Override
  public int slotFor(K key, ShardMap map) {
    // a key of the wrong type is a wrong argument, not an unknown key
    long unused = KeyReader.hash(keyType, key, this);
    throw unknown(key, map);
  }

  @Override
  public int slotFor(long key, ShardMap map) {
    return slotFor(boxed(key), map);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private K boxed(long key) {
    return (K) (Object) key;
  }

  private UnknownKeyException unknown(K key, ShardMap map) {
    return new UnknownKeyException(
        "key "
            + key
            + " has no pin in the map of epoch "
            + map.epoch()
            + "; pin it with map.withPin(key, shardId), or route by another strategy, which pins"
            + " then only override");
  }

  @Override
  public void checkFits(ShardMap map) {
    // any map: its hashed slots are never asked for
  }

  @Override
  public Optional<IntStream> slotsBetween(K from, K to, ShardMap map) {
    return Optional.of(IntStream.empty());
  }

  @Override
  public String slotSql(ShardMap map, List<String> columns) {
    String unused = SqlText.column(columns, this);
    return "NULL::int";
  }

  @Override
  public String toString() {
    return "directory(" + keyType + ")";
  }
}
