package io.headroom.spring.cache;

import io.headroom.cache.CacheFill;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one cache that each thread has looked up in vain, until it puts them. Spring says
 * nothing to a cache between the two, and nothing at all if the method fails or its answer is not
 * to be kept: so a thread remembers its last few keys only. Thread-safe.
 */
final class OpenFills {

  /** Methods that wait for each other on one thread, each for another key of this cache. */
  private static final int MOST = 64;

  @SuppressWarnings("ThreadLocalUsage") // one per cache, so that what it holds goes with the cache
  private final ThreadLocal<@Nullable Map<Object, CacheFill<Object, Object>>> ofThread =
      new ThreadLocal<>();

  /** This thread has looked in vain, and will read next. */
  void begin(Object key, CacheFill<Object, Object> fill) {
    Map<Object, CacheFill<Object, Object>> fills = ofThread.get();
    if (fills == null) {
      fills = new LinkedHashMap<>();
      ofThread.set(fills);
    }
    fills.remove(key); // so that it becomes the youngest
    fills.put(key, fill);
    if (fills.size() > MOST) {
      fills.remove(fills.keySet().iterator().next());
    }
  }

  /** What this thread began for the key; null if it has not looked, or long ago. */
  @Nullable CacheFill<Object, Object> end(Object key) {
    Map<Object, CacheFill<Object, Object>> fills = ofThread.get();
    if (fills == null) {
      return null;
    }
    CacheFill<Object, Object> fill = fills.remove(key);
    if (fills.isEmpty()) {
      ofThread.remove();
    }
    return fill;
  }
}
