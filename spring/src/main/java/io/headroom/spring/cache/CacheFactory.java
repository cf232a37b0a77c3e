package io.headroom.spring.cache;

import io.headroom.cache.TieredCache;
import io.headroom.cache.TieredCacheBuilder;
import java.util.function.Consumer;

/**
 * Makes the caches of one manager.
 *
 * @param transactions has a transaction of the thread minded
 */
record CacheFactory(boolean allowNullValues, Runnable transactions) {

  HeadroomCache create(String name, Consumer<TieredCacheBuilder<Object, Object>> options) {
    CallersLoader loader = new CallersLoader(name);
    TieredCacheBuilder<Object, Object> tiered =
        TieredCache.<Object, Object>builder(name, loader).refreshAhead(0);
    options.accept(tiered);
    return new HeadroomCache(
        tiered.build(),
        loader,
        allowNullValues,
        transactions,
        new PlainLookups(name, tiered.isShared(), tiered.servesStale()));
  }
}
