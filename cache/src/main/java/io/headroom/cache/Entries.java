package io.headroom.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Makes entries of what loads bring. Thread-safe. */
final class Entries<K, V> {

  private final Lifetimes lifetimes;
  private final LocalTags invalidatedTags;
  private final @Nullable BiFunction<? super K, ? super V, ? extends Iterable<String>> tags;

  /**
   * Creates the maker of a cache's entries.
   *
   * @param tags the tags of a value; null if there are none
   */
  Entries(
      Lifetimes lifetimes,
      LocalTags invalidatedTags,
      @Nullable BiFunction<? super K, ? super V, ? extends Iterable<String>> tags) {
    this.lifetimes = lifetimes;
    this.invalidatedTags = invalidatedTags;
    this.tags = tags;
  }

  Lifetimes lifetimes() {
    return lifetimes;
  }

  LocalTags invalidatedTags() {
    return invalidatedTags;
  }

  /**
   * The tags of a value, in which no character is NUL.
   *
   * @throws IllegalArgumentException if one is empty, or has a NUL
   */
  List<String> tags(K key, @Nullable V value) {
    if (tags == null || value == null) {
      return List.of();
    }
    List<String> all = new ArrayList<>();
    Iterable<String> given =
        Objects.requireNonNull(
            tags.apply(key, value), "the tags of a value must not be null: return none");
    for (String tag : given) {
      all.add(requireTag(tag));
    }
    return List.copyOf(all);
  }

  static String requireTag(String tag) {
    Objects.requireNonNull(tag, "a tag must not be null");
    if (tag.isEmpty() || tag.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a tag must have a character, and none that is NUL: was '" + tag + "'");
    }
    return tag;
  }

  /** An entry of what was read from the database. */
  Entry<V> loaded(
      @Nullable V value, List<String> tags, Load<V> load, long readNanos, long tookNanos) {
    Standing standing = load.standing();
    long freshUntil = lifetimes.freshUntil(value == null, readNanos);
    long trusted = readNanos + standing.longestNanos();
    return new Entry<>(
        value, standing(tags, load), freshUntil - trusted > 0 ? trusted : freshUntil, tookNanos);
  }

  /**
   * An entry of what the shared tier had.
   *
   * @param askedNanos when it was asked
   * @param freshNanos for how long from then it is fresh there; zero or less if it is stale
   * @param tookNanos how long that took
   */
  Entry<V> shared(
      @Nullable V value,
      List<String> tags,
      Load<V> load,
      long askedNanos,
      long freshNanos,
      long tookNanos) {
    long own = lifetimes.freshUntil(value == null, askedNanos) - askedNanos;
    long longest = Math.min(own, load.standing().longestNanos());
    return new Entry<>(
        value, standing(tags, load), askedNanos + Math.min(longest, freshNanos), tookNanos);
  }

  private Standing standing(List<String> tags, Load<V> load) {
    return tags.isEmpty()
        ? load.standing()
        : new TaggedStanding(load.standing(), tags, invalidatedTags, load.tagsSince());
  }
}
