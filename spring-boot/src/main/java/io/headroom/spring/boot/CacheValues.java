package io.headroom.spring.boot;

import io.headroom.cache.CacheCodec;
import java.lang.reflect.Type;

/**
 * Says how values of a shared cache become bytes in Redis, and back. A bean of this type takes the
 * place of the starter's own, which writes JSON as the application's own mapper does.
 *
 * <pre>{@code
 * @Bean
 * CacheValues cacheValues() {
 *   return (cache, type) -> protobuf(type);
 * }
 * }</pre>
 *
 * <p>Implementations are thread-safe. They are not asked for texts, nor to write null.
 */
@FunctionalInterface
public interface CacheValues {

  /**
   * Returns the codec of a cache's values.
   *
   * @param cache the cache's name
   * @param type what {@code headroom.caches.<name>.type} says: a class, or a type with arguments as
   *     {@code List<Book>}
   * @return their codec; its id is not looked at
   */
  CacheCodec<?> codecFor(String cache, Type type);
}
