package io.headroom.cache;

import io.headroom.cache.SharedStats.Count;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What is counted of one cache's dealings with the shared tier. Thread-safe. */
final class SharedCounts {

  private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);

  SharedCounts() {
    for (Count count : Count.values()) {
      counts.put(count, new LongAdder());
    }
  }

  private void add(Count count, long many) {
    Objects.requireNonNull(counts.get(count)).add(many);
  }

  void sent() {
    add(Count.INVALIDATIONS_SENT, 1);
  }

  void notSent() {
    add(Count.INVALIDATIONS_DELAYED, 1);
  }

  void sentAgain() {
    add(Count.INVALIDATIONS_SENT_AGAIN, 1);
  }

  void heard() {
    add(Count.INVALIDATIONS_SEEN, 1);
  }

  void repaired(int many) {
    add(Count.INVALIDATIONS_REPAIRED, many);
    add(Count.GAP_REPAIRS, 1);
  }

  void raised() {
    add(Count.PARTITIONS_MADE_STALE, 1);
  }

  void forgotten() {
    add(Count.LOST_HISTORIES, 1);
  }

  void garbage() {
    add(Count.UNDECODABLE, 1);
  }

  void undecodable() {
    add(Count.UNDECODABLE, 1);
  }

  void codecFailed() {
    add(Count.NOT_ENCODED, 1);
  }

  void tooLarge() {
    add(Count.TOO_LARGE, 1);
  }

  void filled(@Nullable Boolean kept, @Nullable Throwable failure) {
    if (failure != null) {
      add(Count.FILLS_FAILED, 1);
    } else if (kept != null && kept) {
      add(Count.FILLS_KEPT, 1);
    } else {
      add(Count.FILLS_REFUSED, 1);
    }
  }

  void waitedInVain() {
    add(Count.LEASE_WAITS_IN_VAIN, 1);
  }

  void loadedAlone(int many) {
    add(Count.LOADED_UNSHARED, many);
  }

  void failed(boolean away) {
    add(away ? Count.NOT_ASKED : Count.FAILURES, 1);
  }

  void read(int bytes) {
    add(Count.BYTES_READ, bytes);
  }

  void written(int bytes) {
    add(Count.BYTES_WRITTEN, bytes);
  }

  SharedStats stats(long suspectNanos, int open) {
    Map<Count, Long> sums = new EnumMap<>(Count.class);
    counts.forEach((count, adder) -> sums.put(count, adder.sum()));
    return new SharedStats(sums, suspectNanos, open);
  }
}
