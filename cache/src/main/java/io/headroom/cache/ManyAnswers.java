package io.headroom.cache;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one caller who asks for many keys has got so far: of each key a value, that there is none,
 * or why it could not be had. For one thread after the other.
 */
final class ManyAnswers<K, V> {

  private final Map<K, V> found = new LinkedHashMap<>();
  private final Map<Object, CacheLoadException> failures = new LinkedHashMap<>();

  void add(K key, @Nullable V value) {
    if (value != null) {
      found.put(key, value);
    }
  }

  void add(K key, Entry<V> entry) {
    add(key, entry.value());
  }

  /**
   * Asks for a key's value; if that cannot be had, the other keys are none the worse.
   *
   * @throws RuntimeException if it fails in any other way than that: then all fail
   */
  void ask(K key, Supplier<@Nullable V> answer) {
    try {
      add(key, answer.get());
    } catch (CacheLoadException failure) {
      fails(key, failure);
    } catch (CompletionException wrapped) {
      if (!(wrapped.getCause() instanceof CacheLoadException failure)) {
        throw wrapped;
      }
      fails(key, failure);
    }
  }

  void fails(K key, CacheLoadException failure) {
    failures.put(key, failure);
  }

  int failed() {
    return failures.size();
  }

  /**
   * The values that there are.
   *
   * @throws PartialLoadException if some could not be had
   */
  Map<K, V> result(String cache) {
    if (!failures.isEmpty()) {
      throw new PartialLoadException(cache, new LinkedHashMap<>(found), failures);
    }
    return found;
  }
}
