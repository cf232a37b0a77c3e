package io.headroom.sharding;

import io.headroom.KeyType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Closed ranges of integers, one slot each, without a gap or an overlap.
 *
 * <pre>{@code
 * LongRanges ranges =
 *     ShardStrategy.longRanges()
 *         .between(1, 1000, "shard-a")
 *         .between(1001, 2000, "shard-b")
 *         .build();
 * ShardRouter<Long> router = ShardRouter.builder(ranges).map(ranges.initialMap()).build();
 * }</pre>
 *
 * <p>Slots are numbered in the order of the ranges. A key below the first or above the last is
 * unknown, unless {@link Builder#atMost} or {@link Builder#atLeast} leave that end open. Immutable
 * and thread-safe; a look-up is a binary search.
 */
public final class LongRanges implements ShardStrategy<Long> {

  private record Range(long first, long last, String shardId) {
    private Range {
      Ids.checkName("shard id", shardId);
    }

    @Override
    public String toString() {
      return first + " to " + last + " (" + shardId + ")";
    }
  }

  private final long[] firsts;
  private final long last;
  private final List<String> owners;

  private LongRanges(List<Range> ranges) {
    this.firsts = new long[ranges.size()];
    this.last = ranges.get(ranges.size() - 1).last();
    this.owners = new ArrayList<>();
    for (Range range : ranges) {
      firsts[owners.size()] = range.first();
      owners.add(range.shardId());
    }
  }

  /**
   * Makes the map that puts each range on the shard it was declared with.
   *
   * @return a map of epoch 1 with one slot a range
   */
  public ShardMap initialMap() {
    return ShardMap.ofOwners(owners);
  }

  @Override
  public KeyType keyType() {
    return KeyType.INTEGER;
  }

  @Override
  public int slotFor(Long key, ShardMap map) {
    return slotFor(key.longValue(), map);
  }

  @Override
  public int slotFor(long key, ShardMap map) {
    int slot = floor(key);
    if (slot < 0 || key > last) {
      throw new UnknownKeyException(
          "key "
              + key
              + " lies outside the ranges, which go from "
              + firsts[0]
              + " to "
              + last
              + "; add a range for it, or pin it in the map");
    }
    return slot;
  }

  private int floor(long key) {
    int found = Arrays.binarySearch(firsts, key);
    return found >= 0 ? found : -found - 2;
  }

  @Override
  public void checkFits(ShardMap map) {
    MapChecks.requireSlots(firsts.length, map, this);
  }

  @Override
  public Optional<IntStream> slotsBetween(Long from, Long to, ShardMap map) {
    requireOrdered(from, to);
    if (to < firsts[0] || from > last) {
      return Optional.of(IntStream.empty());
    }
    return Optional.of(IntStream.rangeClosed(Math.max(0, floor(from)), floor(to)));
  }

  static void requireOrdered(long from, long to) {
    if (from > to) {
      throw new IllegalArgumentException("from " + from + " must not be above to " + to);
    }
  }

  @Override
  public String slotSql(ShardMap map, List<String> columns) {
    String column = SqlText.column(columns, this);
    StringBuilder sql = new StringBuilder("CASE");
    if (firsts[0] != Long.MIN_VALUE) {
      sql.append(" WHEN ").append(column).append(" < ").append(firsts[0]).append(" THEN NULL");
    }
    for (int slot = 0; slot < firsts.length; slot++) {
      long end = slot + 1 < firsts.length ? firsts[slot + 1] - 1 : last;
      sql.append(" WHEN ").append(column).append(" <= ").append(end).append(" THEN ").append(slot);
    }
    return sql.append(" END").toString();
  }

  @Override
  public String toString() {
    return "longRanges(" + firsts.length + " ranges from " + firsts[0] + " to " + last + ")";
  }

  /** Collects ranges in any order. Not thread-safe. */
  public static final class Builder {

    private final List<Range> ranges = new ArrayList<>();

    Builder() {}

    /**
     * Adds a closed range.
     *
     * @param first its lowest key
     * @param last its highest key
     * @param shardId the shard that owns it at first
     * @return this
     * @throws IllegalArgumentException if {@code first} is above {@code last}, or the shard's id is
     *     blank
     */
    public Builder between(long first, long last, String shardId) {
      if (first > last) {
        throw new IllegalArgumentException(
            "range for " + shardId + ": first " + first + " must not be above last " + last);
      }
      ranges.add(new Range(first, last, shardId));
      return this;
    }

    /**
     * Adds the range of every key up to a highest one.
     *
     * @param last its highest key
     * @param shardId the shard that owns it at first
     * @return this
     */
    public Builder atMost(long last, String shardId) {
      return between(Long.MIN_VALUE, last, shardId);
    }

    /**
     * Adds the range of every key from a lowest one.
     *
     * @param first its lowest key
     * @param shardId the shard that owns it at first
     * @return this
     */
    public Builder atLeast(long first, String shardId) {
      return between(first, Long.MAX_VALUE, shardId);
    }

    /**
     * Checks the ranges and builds the strategy.
     *
     * @return the strategy
     * @throws IllegalArgumentException if there is no range, or two of them overlap or leave a gap
     */
    public LongRanges build() {
      if (ranges.isEmpty()) {
        throw new IllegalArgumentException(
            "longRanges has no range: add at least one, by between(...), atMost(...) or"
                + " atLeast(...)");
      }
      List<Range> sorted = new ArrayList<>(ranges);
      sorted.sort(Comparator.comparingLong(Range::first));
      for (int i = 1; i < sorted.size(); i++) {
        checkNeighbours(sorted.get(i - 1), sorted.get(i));
      }
      return new LongRanges(sorted);
    }

    private static void checkNeighbours(Range below, Range above) {
      if (below.last() >= above.first()) {
        throw new IllegalArgumentException(
            "ranges "
                + below
                + " and "
                + above
                + " overlap at "
                + above.first()
                + ": end the one before the other begins");
      }
      if (below.last() + 1 != above.first()) {
        throw new IllegalArgumentException(
            "there is a gap between ranges "
                + below
                + " and "
                + above
                + ": "
                + (below.last() + 1)
                + " belongs to neither; extend one of them, or add a range between");
      }
    }
  }
}
