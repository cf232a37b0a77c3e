package io.headroom.sharding;

import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Merges sources that are each in order into one, or takes them one after the other where there is
 * no order. Rows that compare as equal come in the order of the sources.
 *
 * <p>A heap of the sources by their current rows: O(log k) comparisons a row for k sources, one row
 * of each in memory. Knuth, The Art of Computer Programming, volume 3, 5.4.1.
 *
 * <p>A source whose rows come in another order than the comparator's would silently give a wrong
 * merge (a collation that puts "a" before "B", say), so each row is compared with the one before
 * it.
 */
final class OrderedMerge<T> {

  /** Rows, one at a time. */
  interface Source<T> {
    /** Moves to the next row; false if there is none. */
    boolean advance() throws SQLException;

    T current();

    /** The rows after the current one that are in memory already. */
    Iterable<? extends T> ahead();

    String name();

    static <T> Source<T> of(String name, List<? extends T> all) {
      return new Source<>() {
        private final Iterator<? extends T> rows = all.iterator();
        private int taken;
        private @Nullable T current;

        @Override
        public boolean advance() {
          boolean more = rows.hasNext();
          current = more ? rows.next() : null;
          taken += more ? 1 : 0;
          return more;
        }

        @Override
        public Iterable<? extends T> ahead() {
          return all.subList(taken, all.size());
        }

        @Override
        @SuppressWarnings("NullAway") // asked only after advance() said true
        public T current() {
          return current;
        }

        @Override
        public String name() {
          return name;
        }
      };
    }
  }

  private record Entry<T>(Source<T> source, int index) {}

  private final @Nullable Comparator<? super T> order;
  private final Iterator<? extends Source<T>> inTurn;
  private final PriorityQueue<Entry<T>> heap;
  private @Nullable Source<T> front;
  private @Nullable Entry<T> taken;

  private OrderedMerge(List<? extends Source<T>> sources, @Nullable Comparator<? super T> order)
      throws SQLException {
    this.order = order;
    this.inTurn = sources.iterator();
    this.heap = new PriorityQueue<>(Math.max(1, sources.size()), byRowThenIndex(order));
    if (order != null) {
      for (int i = 0; i < sources.size(); i++) {
        if (sources.get(i).advance()) {
          heap.add(new Entry<>(sources.get(i), i));
        }
      }
    }
  }

  static <T> OrderedMerge<T> of(
      List<? extends Source<T>> sources, @Nullable Comparator<? super T> order)
      throws SQLException {
    return new OrderedMerge<>(sources, order);
  }

  private static <T> Comparator<Entry<T>> byRowThenIndex(@Nullable Comparator<? super T> order) {
    Comparator<Entry<T>> byIndex = Comparator.comparingInt(Entry::index);
    if (order == null) {
      return byIndex;
    }
    Comparator<Entry<T>> byRow = (a, b) -> order.compare(a.source.current(), b.source.current());
    return byRow.thenComparing(byIndex);
  }

  /** Moves to the next row; false if there is none. */
  boolean advance() throws SQLException {
    return order == null ? advanceInTurn() : advanceInOrder(order);
  }

  private boolean advanceInTurn() throws SQLException {
    while (front == null || !front.advance()) {
      if (!inTurn.hasNext()) {
        return false;
      }
      front = inTurn.next();
    }
    return true;
  }

  private boolean advanceInOrder(Comparator<? super T> comparator) throws SQLException {
    Entry<T> last = taken;
    if (last != null) {
      T before = last.source.current();
      if (last.source.advance()) {
        requireOrder(comparator, last.source, before, last.source.current());
        heap.add(last);
      }
    }
    taken = heap.poll();
    front = taken == null ? null : taken.source;
    return taken != null;
  }

  /**
   * Compares the rows that are in memory and were not asked for: a merge that ends early can be
   * wrong because of one of them, which should have come before.
   */
  void checkAhead() throws SQLException {
    Comparator<? super T> comparator = order;
    if (comparator == null) {
      return;
    }
    if (taken != null) {
      checkAhead(taken.source, comparator);
    }
    for (Entry<T> entry : heap) {
      checkAhead(entry.source, comparator);
    }
  }

  private void checkAhead(Source<T> source, Comparator<? super T> comparator) throws SQLException {
    T before = source.current();
    for (T after : source.ahead()) {
      requireOrder(comparator, source, before, after);
      before = after;
    }
  }

  private static <T> void requireOrder(
      Comparator<? super T> comparator, Source<T> source, T before, T after) throws SQLException {
    if (comparator.compare(before, after) > 0) {
      throw disorder(source.name(), before, after);
    }
  }

  T current() {
    Source<T> source = front;
    if (source == null) {
      throw new IllegalStateException("no current row: call advance() first");
    }
    return source.current();
  }

  private static SQLException disorder(String shard, Object before, Object after) {
    return new SQLDataException(
        "shard '"
            + shard
            + "' gives its rows in another order than the comparator's: "
            + before
            + " before "
            + after
            + ". Give the query the ORDER BY that the comparator computes; text that Java compares"
            + " needs ORDER BY ... COLLATE \"C\"",
        "22000");
  }
}
