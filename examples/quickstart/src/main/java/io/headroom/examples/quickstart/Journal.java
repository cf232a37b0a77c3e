package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Order;
import io.headroom.sharding.ShardRouter;
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
 * What users were told of orders: which were acknowledged, and when, and how often a read missed
 * one that its user had placed before. Thread-safe.
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

  private final ShardRouter<Long> router;
  private final Map<String, Queue<Acknowledged>> byShard = new ConcurrentHashMap<>();
  private final LongAdder begun = new LongAdder();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder reads = new LongAdder();
  private final LongAdder staleReads = new LongAdder();

  Journal(ShardRouter<Long> router) {
    this.router = router;
  }

  /** Somebody is about to place one. */
  void begun() {
    begun.increment();
  }

  void acknowledged(Order order, long atNanos) {
    byShard
        .computeIfAbsent(
            router.shardFor(order.userId()).id(), shard -> new ConcurrentLinkedQueue<>())
        .add(new Acknowledged(order.userId(), order.orderId(), atNanos));
    acknowledged.increment();
  }

  /**
   * Somebody has read orders.
   *
   * @param hasAll whether those were there that the user had placed
   */
  void read(boolean hasAll) {
    reads.increment();
    if (!hasAll) {
      staleReads.increment();
    }
  }

  /** How many orders were acknowledged. */
  long acknowledged() {
    return acknowledged.sum();
  }

  /** How many may be there or not: nobody was told. */
  long unknown() {
    return begun.sum() - acknowledged.sum();
  }

  /** How many reads there were. */
  long reads() {
    return reads.sum();
  }

  /** How many reads did not show what their user had written. */
  long staleReads() {
    return staleReads.sum();
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
