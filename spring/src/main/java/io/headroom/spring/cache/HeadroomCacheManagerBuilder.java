package io.headroom.spring.cache;

import io.headroom.SetOnce;
import io.headroom.cache.TieredCacheBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says which caches a {@link HeadroomCacheManager} has. Not thread-safe.
 *
 * <p>A cache's options are those of {@link TieredCacheBuilder}, all but {@code refreshAhead}, which
 * is off and cannot be set: a method is called only on behalf of a caller. With a time-out, or a
 * load signal, a synchronized method is called on the cache's executor, and may end after its
 * caller has left: it then has the caller's {@link io.headroom.RequestContext}, but neither its
 * transaction nor other things bound to its thread.
 */
public final class HeadroomCacheManagerBuilder {

  private final Map<String, Consumer<TieredCacheBuilder<Object, Object>>> named =
      new LinkedHashMap<>();
  private @Nullable Consumer<TieredCacheBuilder<Object, Object>> missing;
  private @Nullable Boolean allowNullValues;
  private boolean transactionAware;

  HeadroomCacheManagerBuilder() {}

  /**
   * Adds a cache.
   *
   * @param name as annotations name it
   * @param options sets what it keeps, and for how long
   * @return this builder
   * @throws IllegalStateException if there is a cache of that name already
   */
  public HeadroomCacheManagerBuilder cache(
      String name, Consumer<TieredCacheBuilder<Object, Object>> options) {
    Objects.requireNonNull(name, "name must not be null");
    Objects.requireNonNull(options, "options must not be null; to keep the defaults: cache -> {}");
    if (named.putIfAbsent(name, options) != null) {
      throw new IllegalStateException("cache '" + name + "' is added twice: add it once");
    }
    return this;
  }

  /**
   * Makes caches that were not added when they are first asked for. Unless set there are none, and
   * Spring refuses an annotation that names one: a slip in a name is then seen at once.
   *
   * @param options sets what each of them keeps, and for how long
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public HeadroomCacheManagerBuilder createMissing(
      Consumer<TieredCacheBuilder<Object, Object>> options) {
    SetOnce.refuseSecond("cache manager", "createMissing", missing != null);
    missing = Objects.requireNonNull(options, "options must not be null");
    return this;
  }

  /**
   * Sets whether a method's null is kept as its answer; it is unless set, as long as another value.
   *
   * @param allowed false to have a null refused with an {@link IllegalArgumentException}
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public HeadroomCacheManagerBuilder allowNullValues(boolean allowed) {
    SetOnce.refuseSecond("cache manager", "allowNullValues", allowNullValues != null);
    allowNullValues = allowed;
    return this;
  }

  /**
   * Has the caches mind Spring's transactions, whatever the connections under them; they mind those
   * of Headroom's own connections in any case. Inside a transaction that is not read-only what is
   * not there is read for that transaction alone and not kept, an eviction is done for others at
   * the transaction's end, committed or not, and a put evicts: so let transactions that only read
   * be read-only. Needs {@code spring-tx}, and a transaction manager with synchronization, which
   * Spring's own are.
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public HeadroomCacheManagerBuilder transactionAware() {
    SetOnce.refuseSecond("cache manager", "transactionAware", transactionAware);
    transactionAware = true;
    return this;
  }

  /**
   * Builds the manager and the caches that were added.
   *
   * @return a manager; close it to stop its caches' threads
   * @throws IllegalStateException if a cache's options contradict each other, or set {@code
   *     refreshAhead}
   */
  public HeadroomCacheManager build() {
    Runnable transactions = transactionAware ? SpringTransactions::join : () -> {};
    return new HeadroomCacheManager(
        named, missing, new CacheFactory(allowNullValues == null || allowNullValues, transactions));
  }
}
