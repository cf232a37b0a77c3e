package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.sharding.OrderedMerge.Source;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

class OrderedMergeProperties {

  private record Row(int value, int source) {}

  private static final Comparator<Row> BY_VALUE = Comparator.comparingInt(Row::value);

  private static List<Row> drain(List<List<Row>> sources, @Nullable Comparator<Row> order)
      throws SQLException {
    List<Source<Row>> named = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      named.add(new Source<>("s" + i, sources.get(i)));
    }
    OrderedMerge<Row> merge = new OrderedMerge<>(named, order);
    List<Row> all = new ArrayList<>();
    while (merge.advance()) {
      all.add(merge.current());
    }
    assertThat(merge.advance()).isFalse();
    return all;
  }

  private static List<List<Row>> rows(List<List<Integer>> values, boolean sorted) {
    List<List<Row>> sources = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      int source = i;
      var stream = values.get(i).stream().map(value -> new Row(value, source));
      sources.add((sorted ? stream.sorted(BY_VALUE) : stream).toList());
    }
    return sources;
  }

  /** The oracle is a stable sort of all rows: equal ones in the order of their sources. */
  @Property
  void mergesAsAStableSortWould(
      @ForAll @Size(max = 9) List<@Size(max = 20) List<@IntRange(max = 15) Integer>> values)
      throws SQLException {
    List<List<Row>> sources = rows(values, true);
    List<Row> expected =
        sources.stream().flatMap(List::stream).sorted(BY_VALUE).toList(); // sorted() is stable
    assertThat(drain(sources, BY_VALUE)).isEqualTo(expected);
  }

  @Property
  void withoutAnOrderTakesOneAfterTheOther(
      @ForAll @Size(max = 6) List<@Size(max = 10) List<@IntRange(max = 15) Integer>> values)
      throws SQLException {
    List<List<Row>> sources = rows(values, false);
    assertThat(drain(sources, null)).isEqualTo(sources.stream().flatMap(List::stream).toList());
  }

  /** Whatever comes out is in order, or else the shard that is not is named. */
  @Property
  void disorderNeverPassesUnnoticed(
      @ForAll @Size(min = 1, max = 4) List<@Size(max = 8) List<@IntRange(max = 9) Integer>> values)
      throws SQLException {
    List<List<Row>> sources = rows(values, false);
    boolean allSorted =
        sources.stream().allMatch(rows -> rows.equals(rows.stream().sorted(BY_VALUE).toList()));
    if (allSorted) {
      assertThat(drain(sources, BY_VALUE)).isSortedAccordingTo(BY_VALUE);
    } else {
      assertThatThrownBy(() -> drain(sources, BY_VALUE))
          .isInstanceOf(SQLException.class)
          .hasMessageMatching("(?s)shard 's\\d' gives its rows in another order.*ORDER BY.*");
    }
  }

  /** A merge that ends early is right, or the disorder behind it is found. */
  @Property
  void disorderBehindALimitNeverPassesUnnoticed(
      @ForAll @Size(min = 1, max = 4) List<@Size(max = 8) List<@IntRange(max = 9) Integer>> values,
      @ForAll @IntRange(max = 10) int limit)
      throws SQLException {
    List<List<Row>> sources = rows(values, false);
    List<Source<Row>> named = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      named.add(new Source<>("s" + i, sources.get(i)));
    }
    OrderedMerge<Row> merge = new OrderedMerge<>(named, BY_VALUE);
    List<Row> first = new ArrayList<>();
    try {
      while (first.size() < limit && merge.advance()) {
        first.add(merge.current());
      }
      merge.checkAhead();
    } catch (SQLException disorder) {
      assertThat((Throwable) disorder).hasMessageContaining("in another order");
      return;
    }
    List<Row> sorted = sources.stream().flatMap(List::stream).sorted(BY_VALUE).toList();
    assertThat(first).isEqualTo(sorted.subList(0, Math.min(limit, sorted.size())));
  }

  @Example
  void askedForARowBeforeTheFirstItSaysSo() throws SQLException {
    OrderedMerge<Row> merge = new OrderedMerge<>(List.<Source<Row>>of(), BY_VALUE);
    assertThatThrownBy(merge::current).hasMessageContaining("advance()");
    assertThat(merge.advance()).isFalse();
  }
}
