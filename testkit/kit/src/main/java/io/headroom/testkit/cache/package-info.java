/**
 * Histories of a cache over a store: did anybody get what had been invalidated?
 *
 * <p>The entry type is {@link io.headroom.testkit.cache.CacheHistory}, which a test tells what its
 * processes do; {@link io.headroom.testkit.cache.CacheHistoryChecker} then judges it.
 *
 * <pre>{@code
 * CacheHistory history = CacheHistory.create(System::nanoTime);
 * CacheWrite write = history.write("cart", 7);
 * store.put("cart", 7);
 * write.committed();
 * CacheInvalidation invalidation = history.invalidation("a", "cart");
 * cacheOfA.invalidate("cart");
 * invalidation.returned();
 * CacheRead read = history.read("b", "cart");
 * read.returned(cacheOfB.get("cart"));
 * CacheHistoryChecker.of(history).propagation(Duration.ofMillis(100)).verify();
 * }</pre>
 */
@NullMarked
package io.headroom.testkit.cache;

import org.jspecify.annotations.NullMarked;
