package io.headroom.spring.cache;

import io.headroom.RequestContext;
import io.headroom.cache.CacheFill;
import io.headroom.cache.CacheLoadException;
import io.headroom.cache.CacheLoadTimeoutException;
import io.headroom.cache.TieredCache;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.support.AbstractValueAdaptingCache;

/**
 * One of Headroom's caches as Spring sees it; from {@link HeadroomCacheManager}.
 *
 * <p><b>Promises.</b> {@link #get(Object, Callable)} and {@link #retrieve(Object, Supplier)}, which
 * serve {@code @Cacheable(sync = true)}, call one method per key at a time, and keep nothing that
 * was read before an eviction that has returned. A plain {@code @Cacheable} looks up, calls the
 * method and puts: callers do not wait for each other, but what a thread puts after it has looked
 * in vain is kept only if the key was not evicted or put in between; if it was, the key is evicted
 * once more. A put without a look before, which {@code @CachePut} makes, is taken for the newest
 * value. Inside a write transaction nothing is kept.
 *
 * <p>A plain {@code @Cacheable} has values of its own process alone, and none that is stale: the
 * first one on a cache that is {@code shared}, or has a {@code staleFor}, is warned of.
 *
 * <p>Thread-safe. Null keys are refused with a {@link NullPointerException}.
 */
public final class HeadroomCache extends AbstractValueAdaptingCache {

  private final TieredCache<Object, Object> tiered;
  private final CallersLoader loader;
  private final Runnable transactions;
  private final OpenFills fills = new OpenFills();
  private final AsyncLoads asyncLoads;
  private final PlainLookups plain;

  /**
   * Creates a cache.
   *
   * @param loader the tiered cache's own
   * @param transactions has a transaction of this thread minded, before anything else is done
   * @param plain is told of those who look without a loader
   */
  HeadroomCache(
      TieredCache<Object, Object> tiered,
      CallersLoader loader,
      boolean allowNullValues,
      Runnable transactions,
      PlainLookups plain) {
    super(allowNullValues);
    this.tiered = tiered;
    this.loader = loader;
    this.transactions = transactions;
    this.plain = plain;
    this.asyncLoads = new AsyncLoads(tiered);
  }

  @Override
  public String getName() {
    return tiered.name();
  }

  /**
   * Returns the cache behind this one, for its stats and meters.
   *
   * @return it cannot load by itself; a null is {@link
   *     org.springframework.cache.support.NullValue#INSTANCE} in it
   */
  @Override
  public TieredCache<Object, Object> getNativeCache() {
    return tiered;
  }

  @Override
  protected @Nullable Object lookup(Object key) {
    plain.seen();
    transactions.run();
    Object known = tiered.getIfPresent(key);
    if (known == null) {
      fills.begin(key, tiered.fill(key));
    }
    return known;
  }

  /**
   * Returns a value, and has it loaded where it is not there: by this caller, or by one who asked
   * before.
   *
   * @param key whose
   * @param valueLoader reads the value; on this thread, unless a time-out or a load signal is set
   * @param <T> the type of the value
   * @return the value
   * @throws ValueRetrievalException if it could not be loaded; its cause is what the loader threw,
   *     or a {@link CacheLoadException} if there was no answer in time or the caller was
   *     interrupted
   */
  @Override
  @SuppressWarnings("unchecked") // a key has values of one type: that is up to the caller
  public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
    transactions.run();
    try {
      return (T) fromStoreValue(loader.ask(tiered, key, () -> toStoreValue(valueLoader.call())));
    } catch (CacheLoadException failure) {
      throw new ValueRetrievalException(key, valueLoader, causeOf(failure));
    }
  }

  private static Throwable causeOf(CacheLoadException failure) {
    Throwable cause = failure.getCause();
    return cause == null || cause instanceof InterruptedException ? failure : cause;
  }

  @Override
  public @Nullable CompletableFuture<?> retrieve(Object key) {
    plain.seen();
    transactions.run();
    Object known = tiered.getIfPresent(key);
    return known == null
        ? null
        : CompletableFuture.completedFuture(isAllowNullValues() ? toValueWrapper(known) : known);
  }

  /**
   * As {@link #get(Object, Callable)}, holding no thread while the value is loaded. A caller of the
   * one does not wait for a caller of the other.
   *
   * @param key whose
   * @param valueLoader begins to read the value, on this thread
   * @param <T> the type of the value
   * @return the value to come; to cancel it cancels no load
   */
  @Override
  @SuppressWarnings("unchecked") // a key has values of one type: that is up to the caller
  public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> valueLoader) {
    transactions.run();
    return (CompletableFuture<T>)
        asyncLoads
            .get(key, () -> valueLoader.get().thenApply(this::toStoreValue))
            .thenApply(this::fromStoreValue);
  }

  /**
   * Keeps a value: the newest if this thread has not looked the key up before, else one that was
   * read since then.
   *
   * @param key whose
   * @param value the value, null if that is allowed
   */
  @Override
  public void put(Object key, @Nullable Object value) {
    transactions.run();
    Object stored = toStoreValue(value);
    CacheFill<Object, Object> fill = fills.end(key);
    if (RequestContext.current().inWriteTransaction()) {
      // It may never be committed. After a look in vain it is most likely what was there before.
      if (fill == null || tiered.getIfPresent(key) != null) {
        tiered.invalidate(key);
      }
    } else if (fill == null) {
      tiered.put(key, stored);
    } else if (!fill.keep(stored)) {
      // Older than what others wrote, or a put by one who looked long ago: which, nobody knows.
      tiered.invalidate(key);
    }
  }

  /**
   * Keeps a value unless there is one, or one is being loaded: then it waits for that.
   *
   * @param key whose
   * @param value the value, null if that is allowed
   * @return the value that there is; null if this one was put, or would have been, had this thread
   *     not looked the key up before it was evicted
   * @throws CacheLoadException if the caller is interrupted, or its time over, while it waits
   */
  @Override
  public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
    transactions.run();
    Object stored = toStoreValue(value);
    CacheFill<Object, Object> fill = fills.end(key);
    while (fill == null || fill.isOpen()) {
      AtomicBoolean own = new AtomicBoolean();
      try {
        Object there =
            loader.ask(
                tiered,
                key,
                () -> {
                  own.set(true);
                  if (fill != null && !fill.isOpen()) {
                    throw new IllegalStateException("the key was evicted before it was put");
                  }
                  return stored;
                });
        return own.get() ? null : toValueWrapper(there);
      } catch (CacheLoadException failure) {
        if (failure instanceof CacheLoadTimeoutException
            || Thread.currentThread().isInterrupted()) {
          throw failure;
        } // else it was another's load that has failed
      }
    }
    return toValueWrapper(tiered.getIfPresent(key));
  }

  /**
   * Forgets a key; inside a write transaction, for others at its end.
   *
   * @param key whose value has changed
   */
  @Override
  public void evict(Object key) {
    transactions.run();
    tiered.invalidate(key);
  }

  @Override
  public boolean evictIfPresent(Object key) {
    transactions.run();
    boolean present = tiered.getIfPresent(key) != null;
    tiered.invalidate(key);
    return present;
  }

  /** Forgets all keys; inside a write transaction, for others at its end. */
  @Override
  public void clear() {
    transactions.run();
    tiered.invalidateAll();
  }

  @Override
  public boolean invalidate() {
    boolean present = tiered.stats().entries() > 0;
    clear();
    return present;
  }

  @Override
  public String toString() {
    return "HeadroomCache[" + tiered + "]";
  }
}
