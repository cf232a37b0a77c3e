package io.headroom.cache;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * A value that the caller reads himself, and that is kept unless its key was changed meanwhile: for
 * code that cannot hand a loader over, such as a framework that looks a key up, calls a method and
 * puts what that returned.
 *
 * <pre>{@code
 * CacheFill<Long, Profile> fill = profiles.fill(42L); // before the read
 * fill.keep(repository.find(42L)); // not kept if 42 was invalidated or put in between
 * }</pre>
 *
 * <p>Where replicas serve reads, prefer a loader: that is told which copy is fresh enough after an
 * invalidation, and this caller is not, so that what he reads of a copy that lags may be old.
 *
 * <p>It holds nobody up and needs no end: one that is never kept is garbage. Several may be open
 * for a key. It is kept in this process alone. Thread-safe.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class CacheFill<K, V> {

  private final K key;
  private final Load<V> load;
  private final LocalTier<K, V> local;
  private final Entries<K, V> entries;
  private final TimeSource time;
  private final boolean forCallerAlone;
  private final int stamp;
  private final long beganNanos;

  CacheFill(K key, Load<V> load, LocalTier<K, V> local, Entries<K, V> entries, TimeSource time) {
    this.key = key;
    this.load = load;
    this.local = local;
    this.entries = entries;
    this.time = time;
    this.forCallerAlone = RequestContext.current().inWriteTransaction();
    this.stamp = local.stamp(key);
    this.beganNanos = time.nanoTime();
  }

  /**
   * Tells whether the value would be kept as of now.
   *
   * @return false for good once the key was invalidated or put, and if this was begun inside a
   *     write transaction; now and then false because another key was changed
   */
  public boolean isOpen() {
    return !forCallerAlone && local.stamp(key) == stamp;
  }

  /**
   * Keeps what was read, unless the key was invalidated or put since this was begun, or the caller
   * is inside a write transaction. It is fresh as from the beginning of this fill.
   *
   * @param value what was read; null if there is none
   * @return whether it was kept
   */
  public boolean keep(@Nullable V value) {
    if (!isOpen()
        || !entries.lifetimes().keeps(value == null)
        || RequestContext.current().inWriteTransaction()) {
      return false;
    }
    long tookNanos = time.nanoTime() - beganNanos;
    return local.fill(
        key, stamp, entries.loaded(value, entries.tags(key, value), load, beganNanos, tookNanos));
  }
}
