package io.headroom.routing;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The highest timelines of clusters as the store has them, which outlives this process. A store
 * that fails is asked, or told, again at the next answer of a node, and stops nothing. Thread-safe.
 */
final class TimelineMemory {

  private static final Logger LOG = LoggerFactory.getLogger(TopologyMonitor.class);

  private final String name;
  private final @Nullable TimelineStore store;
  private final Map<String, Long> stored = new ConcurrentHashMap<>();
  private final AtomicBoolean failed = new AtomicBoolean();

  /**
   * Over a store.
   *
   * @param name the data source's name, for the log
   * @param store what remembers; null if nothing does
   */
  TimelineMemory(String name, @Nullable TimelineStore store) {
    this.name = name;
    this.store = store;
  }

  /** What is stored, by cluster, as far as it was asked for. A live view. */
  Map<String, Long> highest() {
    return stored;
  }

  /** Looks a cluster up in the store, the first time that a node of it answers. */
  void recall(String cluster) {
    if (store == null || stored.containsKey(cluster)) {
      return;
    }
    long timeline;
    try {
      timeline = store.highest(cluster).orElse(0);
    } catch (IOException | RuntimeException e) {
      failed(e); // it may know what this process must
      return;
    }
    stored.putIfAbsent(cluster, timeline);
  }

  /**
   * Stores the highest timeline that was seen, if that is news. What only a token has claimed is
   * not stored, and nothing is before it is certain which cluster this is about, and what the store
   * knows of it.
   */
  void keep(Verdict verdict) {
    String cluster = verdict.cluster();
    if (store == null || cluster == null || !verdict.settled()) {
      return;
    }
    Long before = stored.get(cluster);
    long seen = verdict.seen();
    if (before == null || seen <= before || !stored.replace(cluster, before, seen)) {
      return;
    }
    try {
      store.remember(cluster, seen);
    } catch (IOException | RuntimeException e) {
      failed(e);
      stored.replace(cluster, seen, before); // so that it is news at the next answer
    }
  }

  private void failed(Exception cause) {
    if (failed.compareAndSet(false, true)) {
      LOG.warn(
          "{}: {} fails; timelines are not remembered beyond this process", name, store, cause);
    }
  }
}
