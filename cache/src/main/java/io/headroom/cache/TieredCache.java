package io.headroom.cache;

import io.headroom.CloseActions;
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
 * was read longer ago than the TTL (with a shared tier, than that tier's), unless {@code staleFor}
 * allows it and {@link CacheStats} counts it as stale. With a shared tier, other processes hear of
 * an invalidation within milliseconds, and whoever has the writer's token gets nothing old from any
 * of them; the module's README has the whole table. Inside a write transaction ({@link
 * RequestContext#inWriteTransaction}) what is not here is loaded for that caller alone and not
 * kept.
 *
 * <p>Thread-safe. Null keys are refused with a {@link NullPointerException}.
 *
 * @param <K> the type of keys, with {@code equals} and {@code hashCode}
 * @param <V> the type of values, which are shared by all who ask: let it be immutable
 */
public final class TieredCache<K, V> implements AutoCloseable {

  private final String name;
  private final LocalTier<K, V> local;
  private final Entries<K, V> entries;
  private final Source<K, V> source;
  private final Asking<K, V> asking;
  private final AskingMany<K, V> askingMany;
  private final Changes<K, V> changes;
  private final CacheCounts counts;
  private final TimeSource time;
  private final CloseActions closing = new CloseActions();

  TieredCache(
      String name,
      LocalTier<K, V> local,
      Entries<K, V> entries,
      Source<K, V> source,
      Asking<K, V> asking,
      AskingMany<K, V> askingMany,
      Changes<K, V> changes,
      CacheCounts counts,
      TimeSource time,
      Runnable onClose) {
    this.name = name;
    this.local = local;
    this.entries = entries;
    this.source = source;
    this.asking = asking;
    this.askingMany = askingMany;
    this.changes = changes;
    this.counts = counts;
    this.time = time;
    closing.add(source::close);
    closing.add(onClose);
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
    Objects.requireNonNull(key, "key must not be null");
    Entry<V> entry = local.find(key);
    long now = now();
    return entry != null && asking.hits(key, entry, now)
        ? entry.value()
        : asking.get(key, entry, now);
  }

  /** The time, of which the housekeeping hears as well. */
  private long now() {
    long now = time.nanoTime();
    local.sawTime(now);
    return now;
  }

  /**
   * As {@link #get}, on another thread where something is to be loaded. Inside a write transaction
   * it is loaded here, since another thread would not see what that has written. What follows the
   * future runs on the common pool unless it is done already: not on a thread that loads, whose
   * request may be another one.
   *
   * @param key whose
   * @return the value to come, null if there is none; fails with what {@code get} would throw. To
   *     cancel it cancels no load
   */
  public CompletableFuture<@Nullable V> getAsync(K key) {
    Objects.requireNonNull(key, "key must not be null");
    Entry<V> entry = local.find(key);
    long now = now();
    return entry != null && asking.hits(key, entry, now)
        ? CompletableFuture.completedFuture(entry.value())
        : HandedOut.of(asking.getAsync(key, entry, now));
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
    return askingMany.getAll(distinct(keys), now());
  }

  private static <K> Set<K> distinct(Collection<? extends K> keys) {
    Set<K> distinct = new LinkedHashSet<>(keys);
    distinct.forEach(key -> Objects.requireNonNull(key, "key must not be null"));
    return distinct;
  }

  /**
   * As {@link #getAll}, on another thread where something is to be loaded, as {@link #getAsync}. No
   * thread waits for what others load.
   *
   * @param keys whose; one that is named twice counts once
   * @return the values to come; fails with what {@code getAll} would throw. To cancel it cancels no
   *     load
   */
  public CompletableFuture<Map<K, V>> getAllAsync(Collection<? extends K> keys) {
    return HandedOut.of(askingMany.getAllAsync(distinct(keys), now()));
  }

  /**
   * Returns what is here and fresh, and loads nothing.
   *
   * @param key whose
   * @return the value; null if it is not here, or known not to be anywhere
   */
  public @Nullable V getIfPresent(K key) {
    Objects.requireNonNull(key, "key must not be null");
    Entry<V> entry = local.find(key);
    long now = now();
    return entry != null
            && entry.freshNanos(now) > 0
            && asking.shows(key, entry, RequestContext.current())
        ? entry.value()
        : null;
  }

  /**
   * Keeps a value that the caller knows to be the newest; a load that is running is not kept. After
   * a write, prefer {@link #invalidate}: of two who write at once, the one who puts last need not
   * be the one who committed last. Inside a write transaction the value may never come to be: then
   * this is {@link #invalidate}. The shared tier has the value in the same step as the
   * invalidation, and it takes as long.
   *
   * @param key whose
   * @param value the value
   * @throws IllegalArgumentException if there is a shared tier, and the key's text is no text: half
   *     of a character, say
   */
  public void put(K key, V value) {
    Objects.requireNonNull(key, "key must not be null");
    Objects.requireNonNull(value, "value must not be null: to have it loaded anew, invalidate");
    changes.await(writer -> changes.put(key, value, writer));
  }

  /**
   * As {@link #put}, without waiting for the shared tier: in this process the value is there when
   * this returns. While more changes than 200 are under way to the shared tier, that forgets the
   * key instead, since a value that is sent late may be older than what others have written.
   *
   * @param key whose
   * @param value the value
   * @return done when {@code put} would have returned, as with {@link #invalidateAsync}; fails with
   *     what that would throw. To cancel it cancels nothing
   */
  public CompletableFuture<Void> putAsync(K key, V value) {
    Objects.requireNonNull(key, "key must not be null");
    Objects.requireNonNull(value, "value must not be null: to have it loaded anew, invalidate");
    return changes.begin(writer -> changes.put(key, value, writer));
  }

  /**
   * Begins a fill by a caller who reads the value himself; before he reads it.
   *
   * @param key whose
   * @return what to give the value to
   */
  public CacheFill<K, V> fill(K key) {
    Objects.requireNonNull(key, "key must not be null");
    return new CacheFill<>(key, source.newLoad(key), local, entries, time);
  }

  /**
   * Forgets a key, in all processes: from now on no caller of this process, and none elsewhere who
   * has this request's token, gets what was read before; others within the time that news take.
   * Inside a write transaction it is done once that has ended, since until then others would bring
   * the old value back; the transaction itself reads the database from now on. On connections that
   * this library does not know, call it after the commit.
   *
   * <p>With a shared tier it returns when that has confirmed it, which is a round trip, and one to
   * the database for the position of the write if nobody has asked for that yet. Where there is no
   * answer within the tier's {@code timeout}, or Redis is known to be away, it returns all the
   * same, and the tier is told as soon as it can be; it is never an exception.
   *
   * @param key whose value has changed, or is there no more
   * @throws IllegalArgumentException if there is a shared tier, and the key's text is no text: half
   *     of a character, say
   */
  public void invalidate(K key) {
    Objects.requireNonNull(key, "key must not be null");
    changes.await(writer -> changes.forget(Set.of(key), writer));
  }

  /**
   * As {@link #invalidate}, without waiting for the shared tier or a database: from when this
   * returns, nobody in this process gets what was read before; in others, and for holders of the
   * request's token, the same holds as of {@code invalidate} from when the future is done. So let
   * it be done before the token leaves the request. Where the database has to be asked for the
   * position of the write, it is so on the {@linkplain TieredCacheBuilder#executor executor}; if
   * that has no answer within 100 ms, loads are sent to the primary instead. Inside a write
   * transaction it is done once that has ended, on the thread that ends it, as with {@code
   * invalidate}.
   *
   * @param key whose value has changed, or is there no more
   * @return done when {@code invalidate} would have returned; fails with what that would throw. To
   *     cancel it cancels nothing
   */
  public CompletableFuture<Void> invalidateAsync(K key) {
    Objects.requireNonNull(key, "key must not be null");
    return changes.begin(writer -> changes.forget(Set.of(key), writer));
  }

  /**
   * Forgets many keys, as {@link #invalidate} does.
   *
   * @param keys whose values have changed
   * @throws IllegalArgumentException if there is a shared tier, and a key's text is no text; then
   *     none is forgotten
   */
  public void invalidateAll(Collection<? extends K> keys) {
    Set<K> distinct = distinct(keys);
    changes.await(writer -> changes.forget(distinct, writer));
  }

  /**
   * Forgets many keys, as {@link #invalidateAsync} does.
   *
   * @param keys whose values have changed
   * @return as of {@code invalidateAsync}
   */
  public CompletableFuture<Void> invalidateAllAsync(Collection<? extends K> keys) {
    Set<K> distinct = distinct(keys);
    return changes.begin(writer -> changes.forget(distinct, writer));
  }

  /**
   * Forgets what has a tag, in all processes. The request's token does not tell of it: callers
   * elsewhere hear of it within the time that news take. Inside a write transaction, it is done at
   * its end.
   *
   * @param tag as the {@linkplain TieredCacheBuilder#tags builder} was told how to find it
   * @throws IllegalArgumentException if it is empty, or has a NUL
   */
  public void invalidateTag(String tag) {
    Entries.requireTag(tag);
    changes.await(writer -> changes.forgetTag(tag, writer));
  }

  /**
   * Forgets what has a tag, as {@link #invalidateTag} and without waiting, as {@link
   * #invalidateAsync}.
   *
   * @param tag as the {@linkplain TieredCacheBuilder#tags builder} was told how to find it
   * @return as of {@code invalidateAsync}
   * @throws IllegalArgumentException if it is empty, or has a NUL
   */
  public CompletableFuture<Void> invalidateTagAsync(String tag) {
    Entries.requireTag(tag);
    return changes.begin(writer -> changes.forgetTag(tag, writer));
  }

  /**
   * Forgets all keys, in all processes; inside a write transaction, at its end. As with tags, the
   * request's token does not tell of it.
   */
  public void invalidateAll() {
    changes.await(changes::forgetAll);
  }

  /**
   * Forgets all keys, as {@link #invalidateAll()} and without waiting, as {@link #invalidateAsync}.
   *
   * @return as of {@code invalidateAsync}
   */
  public CompletableFuture<Void> invalidateAllAsync() {
    return changes.begin(changes::forgetAll);
  }

  /**
   * Returns what the cache has done so far.
   *
   * @return a snapshot
   */
  public CacheStats stats() {
    return counts.stats(local.evictions(), local.size(), source.stats());
  }

  /** Has something more done at {@link #close}, once. */
  void onClose(Runnable more) {
    closing.add(more);
  }

  /**
   * Stops what the cache itself has started, the threads that load in the background, and takes
   * {@link CacheMetrics} out of their registries. It leaves its {@link RedisTier}, which stays
   * open; who asks a closed cache is answered by the loader, or from what is here. Idempotent.
   */
  @Override
  public void close() {
    closing.run();
  }

  @Override
  public String toString() {
    return "TieredCache['" + name + "', " + stats() + "]";
  }
}
