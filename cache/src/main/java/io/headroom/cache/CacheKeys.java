package io.headroom.cache;

import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;

/**
 * Turns keys into texts for the shared tier and its invalidations, and back.
 *
 * <pre>{@code
 * CacheKeys<Long> ids = CacheKeys.longs();
 * CacheKeys<Isbn> isbns = CacheKeys.of(Isbn::text, Isbn::parse);
 * }</pre>
 *
 * <p>Equal keys have equal texts, and different keys different ones: keys with one text would get
 * each other's values, and a key with two would keep what was invalidated under the other. {@code
 * key(text(k)).equals(k)}. Any characters are fine, braces, spaces and control characters too, and
 * any length; only a surrogate without its other half is refused when the text becomes bytes.
 *
 * <p>Implementations are thread-safe.
 *
 * @param <K> the type of keys
 */
public interface CacheKeys<K> {

  /**
   * Returns a key's text.
   *
   * @param key what
   * @return its text, the same in all processes and for ever; not null, though it may be empty
   */
  String text(K key);

  /**
   * Returns the key that has a text.
   *
   * @param text as {@link #text} returned it, in this process or in another
   * @return the key; not null
   * @throws RuntimeException if no key has this text
   */
  K key(String text);

  /**
   * Returns the texts that are their own keys.
   *
   * @return the keys
   */
  static CacheKeys<String> strings() {
    return of(Function.identity(), Function.identity());
  }

  /**
   * Returns 64-bit numbers, in decimal.
   *
   * @return the keys
   */
  static CacheKeys<Long> longs() {
    return of(number -> Long.toString(number), Long::valueOf);
  }

  /**
   * Returns 32-bit numbers, in decimal.
   *
   * @return the keys
   */
  static CacheKeys<Integer> ints() {
    return of(number -> Integer.toString(number), Integer::valueOf);
  }

  /**
   * Returns UUIDs, in the usual form of 36 characters.
   *
   * @return the keys
   */
  static CacheKeys<UUID> uuids() {
    return of(UUID::toString, UUID::fromString);
  }

  /**
   * Returns keys of two functions.
   *
   * @param <K> the type of keys
   * @param toText see {@link #text}; thread-safe
   * @param fromText see {@link #key}; thread-safe
   * @return the keys, which throw a {@link NullPointerException} where a function returns null
   */
  static <K> CacheKeys<K> of(
      Function<? super K, String> toText, Function<String, ? extends K> fromText) {
    Objects.requireNonNull(toText, "toText must not be null");
    Objects.requireNonNull(fromText, "fromText must not be null");
    return new CacheKeys<>() {
      @Override
      public String text(K key) {
        return Objects.requireNonNull(toText.apply(key), "toText returned null: a key has a text");
      }

      @Override
      public K key(String text) {
        return Objects.requireNonNull(
            fromText.apply(text), "fromText returned null: let it throw if no key has the text");
      }
    };
  }
}
