package snippets;

import io.headroom.testkit.cache.CacheHistory;
import io.headroom.testkit.cache.CacheHistoryChecker;
import io.headroom.testkit.cache.CacheInvalidation;
import io.headroom.testkit.cache.CacheRead;
import io.headroom.testkit.cache.CacheWrite;
import java.time.Duration;

/** What the README of testkit/kit shows, compiled. */
final class CacheHistoryInBrief {

  /** Somebody's store. */
  interface Store {
    void put(String key, long version);
  }

  /** Somebody's cache, in one process. */
  interface Cache {
    long get(String key);

    void invalidate(String key);
  }

  void check(Store store, Cache cacheOfA, Cache cacheOfB) {
    // snippet: cache-history-in-brief
    CacheHistory history = CacheHistory.create(System::nanoTime);
    CacheWrite write = history.write("cart", 7); // before each call
    store.put("cart", 7);
    write.committed();
    CacheInvalidation invalidation = history.invalidation("a", "cart");
    cacheOfA.invalidate("cart");
    invalidation.returned();
    CacheRead read = history.read("b", "cart"); // .knowing(invalidation) if it carries its token
    read.returned(cacheOfB.get("cart"));
    CacheHistoryChecker.of(history)
        .propagation(Duration.ofMillis(100))
        .maximumStaleness(Duration.ofSeconds(60)) // where history.busDown("b") was said
        .verify();
    // end snippet
  }
}
