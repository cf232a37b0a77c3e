package io.headroom.sharding;

import io.headroom.KeyHash;
import io.headroom.KeyType;
import java.util.List;
import java.util.Objects;

/** Slots by hash. {@link RouterSnapshot} inlines this one for integers and text. */
final class HashedStrategy<K> implements ShardStrategy<K> {

  private final KeyType keyType;

  HashedStrategy(KeyType keyType) {
    this.keyType = Objects.requireNonNull(keyType, "keyType must not be null");
  }

  @Override
  public KeyType keyType() {
    return keyType;
  }

  @Override
  public int slotFor(K key, ShardMap map) {
    return (int) (KeyReader.hash(keyType, key, this) & (map.slotCount() - 1));
  }

  @Override
  public int slotFor(long key, ShardMap map) {
    if (keyType != KeyType.INTEGER) {
      throw KeyReader.wrongType(key, keyType, this);
    }
    return (int) (KeyHash.of(key) & (map.slotCount() - 1));
  }

  @Override
  public void checkFits(ShardMap map) {
    MapChecks.requirePowerOfTwo(map, this);
  }

  @Override
  public String slotSql(ShardMap map, List<String> columns) {
    return hashSql(keyType, SqlText.column(columns, this), map.slotCount());
  }

  static String hashSql(KeyType keyType, String column, int slots) {
    return "(" + keyType.hashSql(column) + " & " + (slots - 1) + ")::int";
  }

  @Override
  public String toString() {
    return "hashed(" + keyType + ")";
  }
}
