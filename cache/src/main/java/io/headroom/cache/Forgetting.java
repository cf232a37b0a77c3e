package io.headroom.cache;

import io.headroom.cache.Layout.Place;
import org.jspecify.annotations.Nullable;

/**
 * Applies what is heard of invalidations to what this process has. What it has told itself it has
 * done before.
 *
 * <p>Thread-safe.
 */
final class Forgetting<K> {

  private final Layout layout;
  private final CacheKeys<K> keys;
  private final LocalTier<K, ?> local;
  private final RecentInvalidations<Place> recent;
  private final SharedCounts counts;
  private final long self;

  /**
   * Creates it.
   *
   * @param self what this process's own invalidations say of their sender
   */
  Forgetting(
      Layout layout,
      CacheKeys<K> keys,
      LocalTier<K, ?> local,
      RecentInvalidations<Place> recent,
      SharedCounts counts,
      long self) {
    this.layout = layout;
    this.keys = keys;
    this.local = local;
    this.recent = recent;
    this.counts = counts;
    this.self = self;
  }

  /** Forgets here what was invalidated there. It may be told of again. */
  void apply(Partition partition, Invalidation news) {
    boolean own = news.sender() == self;
    switch (news.kind()) {
      case KEY -> {
        recent.hears(layout.place(partition, news.subject(), false), news, own);
        K key = own ? null : keyOf(news.subject());
        if (key != null) {
          local.remove(key);
        }
      }
      case LONG_KEY -> {
        recent.hears(layout.place(partition, news.subject(), true), news, own);
        if (!own) {
          local.removeIf(key -> Layout.isDigestOf(news.subject(), keys.text(key)));
        }
      }
      case TAG -> {
        if (!own) {
          recent.allSee(news.seen());
          local.removeTag(news.subject());
        }
      }
      case ALL -> {
        recent.allSee(news.seen());
        local.forgetLoads();
      }
      case EPOCH -> local.forgetLoads();
    }
  }

  /** Null if another process has put a text there that is nobody's key here. */
  private @Nullable K keyOf(String text) {
    try {
      return keys.key(text);
    } catch (RuntimeException noKey) {
      counts.garbage();
      return null;
    }
  }
}
