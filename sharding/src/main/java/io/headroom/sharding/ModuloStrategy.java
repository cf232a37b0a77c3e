package io.headroom.sharding;

import io.headroom.KeyType;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The remainder by a divisor. */
final class ModuloStrategy<K> implements ShardStrategy<K> {

  private static final int MAX_DIVISOR = 1 << 20;

  private final int divisor;

  ModuloStrategy(int divisor) {
    if (divisor < 1 || divisor > MAX_DIVISOR) {
      throw new IllegalArgumentException(
          "divisor must be 1 to " + MAX_DIVISOR + ", was " + divisor);
    }
    this.divisor = divisor;
  }

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
    return Math.floorMod(key, divisor);
  }

  @Override
  public void checkFits(ShardMap map) {
    MapChecks.requireSlots(divisor, map, this);
  }

  @Override
  public Optional<IntStream> slotsBetween(K from, K to, ShardMap map) {
    return consecutive(
        KeyReader.integer(from, this), KeyReader.integer(to, this), divisor, slotFor(from, map));
  }

  /** The slots of a run of keys that goes round a cycle of slots, or empty for the whole cycle. */
  static Optional<IntStream> consecutive(long from, long to, int cycle, int first) {
    LongRanges.requireOrdered(from, to);
    long steps = to - from;
    // a negative difference has overflowed: more keys than a long can count
    if (steps < 0 || steps >= cycle - 1L) {
      return Optional.empty();
    }
    return Optional.of(IntStream.rangeClosed(first, first + (int) steps).map(slot -> slot % cycle));
  }

  @Override
  public String slotSql(ShardMap map, List<String> columns) {
    String column = SqlText.column(columns, this);
    // PostgreSQL's % takes the sign of the dividend; twice makes it floorMod
    return "((" + column + " % " + divisor + " + " + divisor + ") % " + divisor + ")::int";
  }

  @Override
  public String toString() {
    return "modulo(" + divisor + ")";
  }
}
