/**
 * Headroom's caches behind Spring's cache annotations.
 *
 * <p>The entry type is {@link io.headroom.spring.cache.HeadroomCacheManager}: as a bean it serves
 * {@code @Cacheable}, {@code @CachePut} and {@code @CacheEvict}.
 *
 * <pre>{@code
 * HeadroomCacheManager.builder()
 *     .cache("profiles", cache -> cache.ttl(Duration.ofMinutes(1)))
 *     .build();
 * }</pre>
 */
@NullMarked
package io.headroom.spring.cache;

import org.jspecify.annotations.NullMarked;
