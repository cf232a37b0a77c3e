package io.headroom.cache;

import io.headroom.Audience;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a cache counts, and tells its listeners. Thread-safe. */
final class CacheCounts {

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);

  private final String cache;
  private final Audience<CacheListener> listeners;
  private final LongAdder local = new LongAdder();
  private final Map<Served, LongAdder> served = new EnumMap<>(Served.class);
  private final LongAdder loads = new LongAdder();
  private final LongAdder loadFailures = new LongAdder();
  private final LongAdder refreshes = new LongAdder();
  private volatile boolean failing;

  CacheCounts(String cache, List<CacheListener> listeners) {
    this.cache = cache;
    this.listeners = Audience.of(TieredCache.class, "cache '" + cache + "'", listeners);
    for (Served how : Served.values()) {
      served.put(how, how == Served.LOCAL ? local : new LongAdder());
    }
  }

  void local() {
    local.increment();
  }

  void served(Served how) {
    Objects.requireNonNull(served.get(how)).increment();
  }

  void refreshed() {
    refreshes.increment();
  }

  void loaded(long tookNanos, int keys) {
    loads.increment();
    if (failing) {
      failing = false;
      LOG.info("cache '{}': its loader answers again", cache);
    }
    listeners.tell(listener -> listener.onLoaded(cache, tookNanos, keys));
  }

  void loadFailed(long tookNanos, int keys, Throwable cause) {
    loadFailures.increment();
    if (!failing) {
      failing = true;
      LOG.warn("cache '{}': its loader failed; more such failures are only counted", cache, cause);
    }
    listeners.tell(listener -> listener.onLoadFailed(cache, tookNanos, keys, cause));
  }

  CacheStats stats(long evictions, long entries, @Nullable SharedStats shared) {
    Map<Served, Long> answers = new EnumMap<>(Served.class);
    served.forEach((how, count) -> answers.put(how, count.sum()));
    return new CacheStats(
        answers, loads.sum(), loadFailures.sum(), refreshes.sum(), evictions, entries, shared);
  }
}
