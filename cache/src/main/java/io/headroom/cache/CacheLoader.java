package io.headroom.cache;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gets from the database what a cache does not have.
 *
 * <pre>{@code
 * CacheLoader<Long, Profile> loader = id -> repository.findById(id).orElse(null);
 * }</pre>
 *
 * <p>Called by many threads at once, though never for one key twice at a time, unless it was
 * invalidated in between or a write transaction asks. What it returns is shared by all callers: let
 * it be immutable.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@FunctionalInterface
public interface CacheLoader<K, V> {

  /**
   * Loads a value.
   *
   * @param key whose
   * @return the value; null if there is none, which is cached as that, for a time of its own
   * @throws Exception if it is not known whether there is one: nothing is cached, and callers get a
   *     {@link CacheLoadException} with this as its cause
   */
  @Nullable V load(K key) throws Exception;

  /**
   * Loads many values; one by one unless overridden with a query for all of them, and then it is
   * told of each key whether its load has failed.
   *
   * <pre>{@code
   * public Map<Long, Profile> loadAll(Set<Long> ids) {
   *   return repository.findAll(ids).stream().collect(toMap(Profile::id, profile -> profile));
   * }
   * }</pre>
   *
   * @param keys whose; at least one
   * @return the values that there are; of a key that is left out there is none
   * @throws Exception if it is not known which there are
   */
  default Map<K, V> loadAll(Set<K> keys) throws Exception {
    Map<K, V> values = new LinkedHashMap<>();
    Map<K, Exception> failures = new LinkedHashMap<>();
    for (K key : keys) {
      try {
        V value = load(key);
        if (value != null) {
          values.put(key, value);
        }
      } catch (InterruptedException interrupted) {
        throw interrupted;
      } catch (Exception failure) {
        failures.put(key, failure);
      }
    }
    if (!failures.isEmpty()) {
      throw new LoadedInPart(values, failures);
    }
    return values;
  }
}
