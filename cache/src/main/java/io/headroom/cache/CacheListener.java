package io.headroom.cache;

/**
 * Hears what a cache does to its database. Every method does nothing unless overridden.
 *
 * <p>Called on the thread where it happens, so be quick; must be thread-safe. An exception thrown
 * here is logged and never reaches a caller. Hits are not told, only counted ({@link CacheStats}).
 */
public interface CacheListener {

  /**
   * The loader has answered.
   *
   * @param cache the cache's name
   * @param tookNanos how long it took
   * @param keys how many keys it was asked for at once
   */
  default void onLoaded(String cache, long tookNanos, int keys) {}

  /**
   * The loader has failed.
   *
   * @param cache the cache's name
   * @param tookNanos how long it took
   * @param keys how many keys it was asked for at once
   * @param cause what it threw
   */
  default void onLoadFailed(String cache, long tookNanos, int keys, Throwable cause) {}
}
