package io.headroom.benchmarks.probe;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.headroom.cache.TieredCache;
import java.time.Duration;

/** Heap that a million entries take beside their keys and values. */
public final class CacheMemory {
  /** The figure of Caffeine with a TTL. */
  public static final String CAFFEINE = "caffeine";

  /** Our figure. */
  public static final String HEADROOM = "headroom";

  private static final int ENTRIES = 1_000_000;
  private static final Duration TTL = Duration.ofHours(1);

  private CacheMemory() {}

  /**
   * Runs the probe.
   *
   * @param arguments which cache
   */
  public static void main(String[] arguments) {
    String which = arguments[0];
    Long[] keys = new Long[ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
      keys[i] = 1_000_003L * i;
    }
    fill(which, new Long[] {1L}); // loads the classes
    long before = Heap.usedAfterGc();
    Object cache = fill(which, keys);
    ChildJvm.report(which, (double) (Heap.usedAfterGc() - before));
    if (cache.hashCode() == keys.length) { // and reachable until here
      throw new IllegalStateException("by chance");
    }
  }

  private static Object fill(String which, Long[] keys) {
    if (which.equals(CAFFEINE)) {
      Cache<Long, Long> cache =
          Caffeine.newBuilder().maximumSize(2L * ENTRIES).expireAfterWrite(TTL).build();
      for (Long key : keys) {
        cache.put(key, key);
      }
      cache.cleanUp();
      return cache;
    }
    TieredCache<Long, Long> cache =
        TieredCache.<Long, Long>builder("values", key -> key)
            .maximumEntries(2L * ENTRIES)
            .ttl(TTL)
            .build();
    for (Long key : keys) {
      cache.get(key);
    }
    return cache;
  }
}
