package io.headroom.sharding;

import io.headroom.KeyType;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The slot in the id's own low bits. */
final class SlotInIdStrategy<K> implements ShardStrategy<K> {

  @Override
  public KeyType keyType() {
    return KeyType.INTEGER;
  }

  @Override
  public int slotFor(K key, ShardMap map) {
    return slotFor(KeyReader.integer(key, this), map);
  }

  @Override
  public int slotFor(long key, ShardMap map) {
    return (int) (key & (map.slotCount() - 1));
  }

  @Override
  public void checkFits(ShardMap map) {
    MapChecks.requirePowerOfTwo(map, this);
  }

  @Override
  public Optional<IntStream> slotsBetween(K from, K to, ShardMap map) {
    return ModuloStrategy.consecutive(
        KeyReader.integer(from, this),
        KeyReader.integer(to, this),
        map.slotCount(),
        slotFor(from, map));
  }

  @Override
  public String slotSql(ShardMap map, List<String> columns) {
    return "(" + SqlText.column(columns, this) + " & " + (map.slotCount() - 1) + ")::int";
  }

  @Override
  public String toString() {
    return "slotInId()";
  }
}
