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

  /** The rows of one shard, one at a time, and those that are in memory already. */
  static class Source<T> {

    private final String name;
    private List<? extends T> rows;
    private int taken;
    private int index;

    Source(String name, List<? extends T> rows) {
      this.name = name;
      this.rows = rows;
    }

    /** The rows after those in memory; none, unless there is more to be had. */
    List<? extends T> more() throws SQLException {
      return List.of();
    }

    /** Moves to the next row; false if there is none. */
    private boolean advance() throws SQLException {
      if (taken == rows.size()) {
        rows = more();
        taken = 0;
      }
      if (rows.isEmpty()) {
        return false;
      }
      taken++;
      return true;
    }

    private T current() {
      return rows.get(taken - 1);
    }

    private List<? extends T> ahead() {
      return rows.subList(taken, rows.size());
    }
  }

  private final @Nullable Comparator<? super T> order;
  private final Iterator<? extends Source<T>> inTurn;
  private final PriorityQueue<Source<T>> heap;
  private @Nullable Source<T> front;

  OrderedMerge(List<? extends Source<T>> sources, @Nullable Comparator<? super T> order)
      throws SQLException {
    this.order = order;
    this.inTurn = sources.iterator();
    this.heap = new PriorityQueue<>(Math.max(1, sources.size()), this::byRowThenIndex);
    if (order != null) {
      for (int i = 0; i < sources.size(); i++) {
        Source<T> source = sources.get(i);
        source.index = i;
        if (source.advance()) {
          heap.add(source);
        }
      }
    }
  }

  @SuppressWarnings("NullAway") // the heap is used where there is an order
  private int byRowThenIndex(Source<T> a, Source<T> b) {
    int byRow = order.compare(a.current(), b.current());
    return byRow != 0 ? byRow : Integer.compare(a.index, b.index);
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
    Source<T> last = front;
    if (last != null) {
      T before = last.current();
      if (last.advance()) {
        requireOrder(comparator, last, before, last.current());
        heap.add(last);
      }
    }
    front = heap.poll();
    return front != null;
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
    if (front != null) {
      checkAhead(front, comparator);
    }
    for (Source<T> source : heap) {
      checkAhead(source, comparator);
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
      throw disorder(source.name, before, after);
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
