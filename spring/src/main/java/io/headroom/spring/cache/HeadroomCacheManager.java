package io.headroom.spring.cache;

import io.headroom.cache.TieredCacheBuilder;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

  private static final Logger LOG = LoggerFactory.getLogger(HeadroomCacheManager.class);

  /** As many slips as a person makes; what asks for more makes its names up. */
  private static final int MOST_UNKNOWN = 100;

  private final CacheFactory factory;
  private final @Nullable Consumer<TieredCacheBuilder<Object, Object>> missing;
  private final ConcurrentMap<String, HeadroomCache> caches = new ConcurrentHashMap<>();

  /** Names that were asked for in vain. */
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();

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
   * Returns a cache. A name that is not there is warned of, once: Spring's own error does not say
   * which there are, and another manager may have it.
   *
   * @param name as annotations name it
   * @return the cache, made now if it is not there and {@code createMissing} says how; null if it
   *     is not there and does not
   */
  @Override
  public @Nullable HeadroomCache getCache(String name) {
    HeadroomCache cache = caches.get(name);
    if (cache != null) {
      return cache;
    }
    Consumer<TieredCacheBuilder<Object, Object>> options = missing;
    if (options == null) {
      tellOfUnknown(name);
      return null;
    }
    return caches.computeIfAbsent(name, absent -> factory.create(absent, options));
  }

  private void tellOfUnknown(String name) {
    if (unknown.size() < MOST_UNKNOWN && unknown.add(name)) {
      LOG.warn(
          "no cache is called '{}': there are {}. Unless another cache manager has it, correct the"
              + " name, or add the cache to this one: cache(\"{}\", ...) of its builder, or"
              + " headroom.caches.{} with headroom-spring-boot-starter",
          name,
          new TreeSet<>(caches.keySet()),
          name,
          name);
    }
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
