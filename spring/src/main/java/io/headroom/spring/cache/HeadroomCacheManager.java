package io.headroom.spring.cache;

import io.headroom.cache.TieredCacheBuilder;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.CacheManager;

/**
 * Serves Spring's cache annotations from Headroom's caches.
 *
 * <pre>{@code
 * @Bean
 * HeadroomCacheManager cacheManager() {
 *   return HeadroomCacheManager.builder()
 *       .cache("profiles", cache -> cache.maximumEntries(100_000).ttl(Duration.ofMinutes(1)))
 *       .build();
 * }
 *
 * @Cacheable(cacheNames = "profiles", sync = true) // one call per key, however many ask
 * public Profile find(long id) { ... }
 * }</pre>
 *
 * <p>What a cache promises, {@link HeadroomCache} says. Thread-safe.
 */
public final class HeadroomCacheManager implements CacheManager, AutoCloseable {

  private final CacheFactory factory;
  private final @Nullable Consumer<TieredCacheBuilder<Object, Object>> missing;
  private final ConcurrentMap<String, HeadroomCache> caches = new ConcurrentHashMap<>();

  HeadroomCacheManager(
      Map<String, Consumer<TieredCacheBuilder<Object, Object>>> named,
      @Nullable Consumer<TieredCacheBuilder<Object, Object>> missing,
      CacheFactory factory) {
    this.factory = factory;
    this.missing = missing;
    named.forEach((name, options) -> caches.put(name, factory.create(name, options)));
  }

  /**
   * Starts a manager.
   *
   * @return a builder
   */
  public static HeadroomCacheManagerBuilder builder() {
    return new HeadroomCacheManagerBuilder();
  }

  /**
   * Returns a cache.
   *
   * @param name as annotations name it
   * @return the cache, made now if it is not there and {@code createMissing} says how; null if it
   *     is not there and does not
   */
  @Override
  public @Nullable HeadroomCache getCache(String name) {
    HeadroomCache cache = caches.get(name);
    if (cache != null || missing == null) {
      return cache;
    }
    Consumer<TieredCacheBuilder<Object, Object>> options = missing;
    return caches.computeIfAbsent(name, absent -> factory.create(absent, options));
  }

  /**
   * Returns the names of the caches that there are.
   *
   * @return a snapshot
   */
  @Override
  public Collection<String> getCacheNames() {
    return Set.copyOf(caches.keySet());
  }

  /** Closes the caches; Spring calls it when the context closes. */
  @Override
  public void close() {
    caches.values().forEach(cache -> cache.getNativeCache().close());
  }

  @Override
  public String toString() {
    return "HeadroomCacheManager" + getCacheNames();
  }
}
