package io.headroom.examples.quickstart;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * What the clients were told: which orders were acknowledged, and when, and how often a read missed
 * one that its client had placed before. Thread-safe.
 */
final class Journal {

  /** An order that was acknowledged. */
  record Acknowledged(long userId, long orderId, long atNanos) {}

  /** The time between an acknowledged order and the next. */
  record Gap(long fromNanos, long toNanos) {

    Duration length() {
      return Duration.ofNanos(toNanos - fromNanos);
    }
  }

  private final Map<String, Queue<Acknowledged>> byShard = new ConcurrentHashMap<>();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder staleReads = new LongAdder();
  private final LongAdder repeated = new LongAdder();

  void acknowledged(String shard, OrderBook.Order order) {
    byShard
        .computeIfAbsent(shard, id -> new ConcurrentLinkedQueue<>())
        .add(new Acknowledged(order.userId(), order.orderId(), System.nanoTime()));
    acknowledged.increment();
  }

  void staleRead() {
    staleReads.increment();
  }

  /** How many orders were acknowledged. */
  long acknowledged() {
    return acknowledged.sum();
  }

  /** How many reads did not show what their client had written. */
  long staleReads() {
    return staleReads.sum();
  }

  /** Counts the attempts that were not the last of their call. */
  LongAdder repeated() {
    return repeated;
  }

  /** The orders that a shard acknowledged. */
  List<Acknowledged> acknowledgedBy(String shard) {
    return List.copyOf(byShard.getOrDefault(shard, new ConcurrentLinkedQueue<>()));
  }

  /**
   * The longest time in which a shard acknowledged nothing, of those that overlap a span of time.
   *
   * @param fromNanos the span's begin
   * @param toNanos the span's end
   * @return empty if nothing was acknowledged before it, or after it
   */
  Optional<Gap> longestGap(String shard, long fromNanos, long toNanos) {
    long[] times =
        acknowledgedBy(shard).stream()
            .mapToLong(order -> order.atNanos() - fromNanos)
            .sorted()
            .toArray();
    long span = toNanos - fromNanos;
    return IntStream.range(1, times.length)
        .filter(i -> times[i] > 0 && times[i - 1] < span)
        .mapToObj(i -> new Gap(fromNanos + times[i - 1], fromNanos + times[i]))
        .max(Comparator.comparing(Gap::length));
  }
}
