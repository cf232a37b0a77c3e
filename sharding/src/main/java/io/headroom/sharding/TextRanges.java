package io.headroom.sharding;

import io.headroom.KeyType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Half-open ranges of text in the order of code points, one slot each, without a gap or an overlap.
 *
 * <pre>{@code
 * TextRanges ranges =
 *     ShardStrategy.textRanges()
 *         .lessThan("n", "shard-a")
 *         .atLeast("n", "shard-b")
 *         .build();
 * ShardRouter<String> router = ShardRouter.builder(ranges).map(ranges.initialMap()).build();
 * }</pre>
 *
 * <p>The order is that of {@code COLLATE "C"}, and no language's: upper case sorts before lower
 * case, "é" after "z". Slots are numbered in the order of the ranges. Immutable and thread-safe; a
 * look-up is a binary search.
 */
public final class TextRanges implements ShardStrategy<String> {

  private record Range(String from, @Nullable String before, String shardId) {
    private Range {
      Ids.checkName("shard id", shardId);
    }

    @Override
    public String toString() {
      String end = before == null ? "the end" : "before \"" + before + "\"";
      return "\"" + from + "\" to " + end + " (" + shardId + ")";
    }
  }

  /** The first key of each range; the empty string is below every other. */
  private final String[] froms;

  private final @Nullable String before;
  private final List<String> owners;

  private TextRanges(List<Range> ranges) {
    this.froms = new String[ranges.size()];
    this.before = ranges.get(ranges.size() - 1).before();
    this.owners = new ArrayList<>();
    for (Range range : ranges) {
      froms[owners.size()] = range.from();
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
    return KeyType.TEXT;
  }

  @Override
  public int slotFor(String key, ShardMap map) {
    int slot = floor(CodePoints.requireWellFormed(key));
    if (slot < 0 || isBeyond(key)) {
      throw new UnknownKeyException(
          "key \""
              + key
              + "\" lies outside the ranges, which go from \""
              + froms[0]
              + "\" to "
              + (before == null ? "the end" : "before \"" + before + "\"")
              + "; add a range for it, or pin it in the map");
    }
    return slot;
  }

  private int floor(String key) {
    int found = Arrays.binarySearch(froms, key, CodePoints::compare);
    return found >= 0 ? found : -found - 2;
  }

  private boolean isBeyond(String key) {
    return before != null && CodePoints.compare(key, before) >= 0;
  }

  @Override
  public void checkFits(ShardMap map) {
    MapChecks.requireSlots(froms.length, map, this);
  }

  @Override
  public Optional<IntStream> slotsBetween(String from, String to, ShardMap map) {
    requireOrdered(from, to);
    int highest = floor(to);
    if (highest < 0 || isBeyond(from)) {
      return Optional.of(IntStream.empty());
    }
    return Optional.of(IntStream.rangeClosed(Math.max(0, floor(from)), highest));
  }

  static void requireOrdered(String from, String to) {
    if (CodePoints.compare(from, to) > 0) {
      throw new IllegalArgumentException(
          "from \"" + from + "\" must not be above to \"" + to + "\" in the order of code points");
    }
  }

  @Override
  public String slotSql(ShardMap map, List<String> columns) {
    String column = SqlText.column(columns, this) + " COLLATE \"C\"";
    StringBuilder sql = new StringBuilder("CASE");
    if (!froms[0].isEmpty()) {
      appendCase(sql, column, froms[0], "NULL");
    }
    for (int slot = 0; slot + 1 < froms.length; slot++) {
      appendCase(sql, column, froms[slot + 1], Integer.toString(slot));
    }
    String highest = Integer.toString(froms.length - 1);
    if (before == null) {
      sql.append(" WHEN ").append(column).append(" >= '' THEN ").append(highest);
    } else {
      appendCase(sql, column, before, highest);
    }
    return sql.append(" END").toString();
  }

  private static void appendCase(StringBuilder sql, String column, String bound, String slot) {
    sql.append(" WHEN ").append(column).append(" < ").append(SqlText.text(bound));
    sql.append(" THEN ").append(slot);
  }

  @Override
  public String toString() {
    return "textRanges(" + froms.length + " ranges from \"" + froms[0] + "\")";
  }

  /** Collects ranges in any order. Not thread-safe. */
  public static final class Builder {

    private final List<Range> ranges = new ArrayList<>();

    Builder() {}

    /**
     * Adds a half-open range.
     *
     * @param from its lowest key
     * @param before the key above it, which is no part of it
     * @param shardId the shard that owns it at first
     * @return this
     * @throws IllegalArgumentException if {@code from} is not below {@code before} in the order of
     *     code points, one of them cannot be stored as text, or the shard's id is blank
     */
    public Builder between(String from, String before, String shardId) {
      requireStorable(from);
      requireStorable(before);
      if (CodePoints.compare(from, before) >= 0) {
        throw new IllegalArgumentException(
            "range for "
                + shardId
                + ": \""
                + from
                + "\" must be below \""
                + before
                + "\" in the order of code points");
      }
      ranges.add(new Range(from, before, shardId));
      return this;
    }

    /**
     * Adds the range of every key below another.
     *
     * @param before the key above it, which is no part of it
     * @param shardId the shard that owns it at first
     * @return this
     * @throws IllegalArgumentException if {@code before} is empty or cannot be stored as text
     */
    public Builder lessThan(String before, String shardId) {
      return between("", before, shardId);
    }

    /**
     * Adds the range of every key from a lowest one.
     *
     * @param from its lowest key
     * @param shardId the shard that owns it at first
     * @return this
     * @throws IllegalArgumentException if {@code from} cannot be stored as text
     */
    public Builder atLeast(String from, String shardId) {
      requireStorable(from);
      ranges.add(new Range(from, null, shardId));
      return this;
    }

    private static void requireStorable(String bound) {
      if (!SqlText.storable(CodePoints.requireWellFormed(bound))) {
        throw new IllegalArgumentException(
            "a bound of a text range must not hold a NUL character, which PostgreSQL cannot store");
      }
    }

    /**
     * Checks the ranges and builds the strategy.
     *
     * @return the strategy
     * @throws IllegalArgumentException if there is no range, or two of them overlap or leave a gap
     */
    public TextRanges build() {
      if (ranges.isEmpty()) {
        throw new IllegalArgumentException(
            "textRanges has no range: add at least one, by between(...), lessThan(...) or"
                + " atLeast(...)");
      }
      List<Range> sorted = new ArrayList<>(ranges);
      sorted.sort(Comparator.comparing(Range::from, CodePoints::compare));
      for (int i = 1; i < sorted.size(); i++) {
        checkNeighbours(sorted.get(i - 1), sorted.get(i));
      }
      return new TextRanges(sorted);
    }

    private static void checkNeighbours(Range below, Range above) {
      int order = below.before() == null ? 1 : CodePoints.compare(below.before(), above.from());
      if (order > 0) {
        throw new IllegalArgumentException(
            "ranges " + below + " and " + above + " overlap: end the one where the other begins");
      }
      if (order < 0) {
        throw new IllegalArgumentException(
            "there is a gap between ranges "
                + below
                + " and "
                + above
                + ": \""
                + below.before()
                + "\" belongs to neither; extend one of them, or add a range between");
      }
    }
  }
}
