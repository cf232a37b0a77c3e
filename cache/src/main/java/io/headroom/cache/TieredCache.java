package io.headroom.cache;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps answers of a database at hand, and never brings back what was invalidated.
 *
 * <pre>{@code
 * TieredCache<Long, Profile> profiles =
 *     TieredCache.<Long, Profile>builder("profile", repository::find)
 *         .maximumEntries(100_000)
 *         .ttl(Duration.ofMinutes(1))
 *         .staleFor(Duration.ofMinutes(10)) // while the database is down
 *         .build();
 *
 * Profile profile = profiles.get(42L); // null if there is none, which is known for a while too
 * repository.rename(42L, "Ada");
 * profiles.invalidate(42L); // after the commit
 * }</pre>
 *
 * <p><b>Promises.</b> A {@code get} that begins after {@link #invalidate} has returned gets nothing
 * that was read before it: a load that was running then is answered to those who waited for it, and
 * kept for nobody. However many ask for a key at once, one of them loads it. Nothing is served that
 * was read longer ago than the TTL, unless {@code staleFor} allows it and {@link CacheStats} counts
 * it as stale. Inside a write transaction ({@link RequestContext#inWriteTransaction}) what is not
 * here is loaded for that caller alone and not kept.
 *
 * <p>Thread-safe. Null keys are refused with a {@link NullPointerException}.
 *
 * @param <K> the type of keys, with {@code equals} and {@code hashCode}
 * @param <V> the type of values, which are shared by all who ask: let it be immutable
 */
public final class TieredCache<K, V> implements AutoCloseable {

  private final String name;
  private final LocalTier<K, V> local;
  private final OwnWrites ownWrites;
  private final Lifetimes lifetimes;
  private final Asking<K, V> asking;
  private final CacheCounts counts;
  private final TimeSource time;
  private final Runnable onClose;

  TieredCache(
      String name,
      LocalTier<K, V> local,
      OwnWrites ownWrites,
      Lifetimes lifetimes,
      Asking<K, V> asking,
      CacheCounts counts,
      TimeSource time,
      Runnable onClose) {
    this.name = name;
    this.local = local;
    this.ownWrites = ownWrites;
    this.lifetimes = lifetimes;
    this.asking = asking;
    this.counts = counts;
    this.time = time;
    this.onClose = onClose;
  }

  /**
   * Starts a cache.
   *
   * @param name what logs, metrics and errors call it
   * @param loader gets what is not there
   * @param <K> the type of keys
   * @param <V> the type of values
   * @return a builder
   */
  public static <K, V> TieredCacheBuilder<K, V> builder(String name, CacheLoader<K, V> loader) {
    return new TieredCacheBuilder<>(name, loader);
  }

  /**
   * Returns the cache's name.
   *
   * @return as it was built
   */
  public String name() {
    return name;
  }

  /**
   * Returns a value, and loads it where it is not there.
   *
   * @param key whose
   * @return the value; null if there is none
   * @throws CacheLoadException if it is not there, and could not be loaded, or not in time
   * @throws IllegalStateException if the loader itself asks, for the key that it is loading
   */
  public @Nullable V get(K key) {
    Entry<V> entry = local.find(key);
    long now = time.nanoTime();
    local.sawTime(now);
    if (entry != null) {
      long fresh = entry.freshNanos(now);
      if (fresh > 0 && !ownWrites.hide(key)) {
        if (lifetimes.refreshesAhead(entry, fresh)) {
          asking.refresh(key, entry);
        }
        counts.local();
        return entry.value();
      }
    }
    return asking.get(key, entry, now);
  }

  /**
   * As {@link #get}, on another thread where something is to be loaded. Inside a write transaction
   * it is loaded here, since another thread would not see what that has written.
   *
   * @param key whose
   * @return the value to come, null if there is none; fails with what {@code get} would throw. To
   *     cancel it cancels no load
   */
  public CompletableFuture<@Nullable V> getAsync(K key) {
    Entry<V> entry = local.find(key);
    long now = time.nanoTime();
    if (entry != null && entry.freshNanos(now) > 0 && !ownWrites.hide(key)) {
      counts.local();
      return CompletableFuture.completedFuture(entry.value());
    }
    return asking.getAsync(key, entry, now);
  }

  /**
   * Returns many values; loads with one call of {@link CacheLoader#loadAll} those that are neither
   * there nor being loaded already.
   *
   * @param keys whose; one that is named twice counts once
   * @return the values that there are, in a map of the caller's own; of a key that is not in it
   *     there is none
   * @throws PartialLoadException if some could not be had; it has the others
   */
  public Map<K, V> getAll(Collection<? extends K> keys) {
    Set<K> distinct = new LinkedHashSet<>(keys);
    distinct.forEach(key -> Objects.requireNonNull(key, "key must not be null"));
    return asking.getAll(distinct);
  }

  /**
   * Returns what is here and fresh, and loads nothing.
   *
   * @param key whose
   * @return the value; null if it is not here, or known not to be anywhere
   */
  public @Nullable V getIfPresent(K key) {
    Entry<V> entry = local.find(key);
    if (entry == null || entry.freshNanos(time.nanoTime()) <= 0 || ownWrites.hide(key)) {
      return null;
    }
    return entry.value();
  }

  /**
   * Keeps a value that the caller knows to be the newest; a load that is running is not kept. After
   * a write, prefer {@link #invalidate}: of two who write at once, the one who puts last need not
   * be the one who committed last.
   *
   * @param key whose
   * @param value the value
   */
  public void put(K key, V value) {
    Objects.requireNonNull(key, "key must not be null");
    Objects.requireNonNull(value, "value must not be null: to have it loaded anew, invalidate");
    local.put(key, new Entry<>(value, lifetimes.freshUntil(false, time.nanoTime()), 0));
  }

  /**
   * Forgets a key: from now on no caller gets what was read before. Inside a write transaction it
   * is done once that has ended, since until then others would bring the old value back; the
   * transaction itself reads the database from now on. On connections that this library does not
   * know, call it after the commit.
   *
   * @param key whose value has changed, or is there no more
   */
  public void invalidate(K key) {
    Objects.requireNonNull(key, "key must not be null");
    ownWrites.forget(key, () -> local.remove(key));
  }

  /**
   * Forgets many keys.
   *
   * @param keys whose values have changed
   */
  public void invalidateAll(Collection<? extends K> keys) {
    keys.forEach(this::invalidate);
  }

  /** Forgets all keys; inside a write transaction, as {@link #invalidate} does. */
  public void invalidateAll() {
    ownWrites.forget(null, local::clear);
  }

  /**
   * Returns what the cache has done so far.
   *
   * @return a snapshot
   */
  public CacheStats stats() {
    return counts.stats(local.evictions(), local.size());
  }

  /** Stops what the cache itself has started: the threads that load in the background. */
  @Override
  public void close() {
    onClose.run();
  }

  @Override
  public String toString() {
    return "TieredCache['" + name + "', " + stats() + "]";
  }
}
