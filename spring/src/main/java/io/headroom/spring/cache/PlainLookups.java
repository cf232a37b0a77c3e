package io.headroom.spring.cache;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells, once, of a cache that promises what those who look it up plainly do not get. Thread-safe.
 */
final class PlainLookups {

  private static final Logger LOG = LoggerFactory.getLogger(HeadroomCache.class);

  private final String cache;

  /** What they do without; null if it is nothing. */
  private final @Nullable String without;

  private final AtomicBoolean told = new AtomicBoolean();

  /**
   * Has seen none yet.
   *
   * @param cache its name
   * @param shared whether processes share its values
   * @param stale whether values may be served after their time
   */
  PlainLookups(String cache, boolean shared, boolean stale) {
    this.cache = cache;
    if (shared) {
      without = "reads and fills nothing in Redis" + (stale ? ", and is served nothing stale" : "");
    } else {
      without = stale ? "is served nothing stale" : null;
    }
  }

  /** One more was seen. */
  void seen() {
    if (without != null && !told.get() && told.compareAndSet(false, true)) {
      LOG.warn(
          "cache '{}' is looked up plainly, as by @Cacheable without sync = true: that {}, though"
              + " the cache is set up for it. Say @Cacheable(cacheNames = \"{}\", sync = true) or,"
              + " in code, get(key, loader)",
          cache,
          without,
          cache);
    }
  }
}
