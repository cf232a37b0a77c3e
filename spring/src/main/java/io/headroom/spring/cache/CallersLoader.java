package io.headroom.spring.cache;

import io.headroom.RequestContext;
import io.headroom.cache.CacheLoader;
import io.headroom.cache.TieredCache;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Loads with what the caller brings along, since a cache behind annotations has no loader of its
 * own. The caller's request context carries it: to other threads too, where a load may run.
 * Thread-safe.
 */
final class CallersLoader implements CacheLoader<Object, Object> {

  private static final RequestContext.Key<Call> CALL =
      RequestContext.Key.named("headroom.spring.cache.call");

  /** What to call for a key of a cache, and for no other: a method may ask other caches. */
  private record Call(CallersLoader cache, Object key, Callable<Object> method) {}

  private final String cache;

  CallersLoader(String cache) {
    this.cache = cache;
  }

  /** Asks a cache that has this loader; it calls the method if it has to load. */
  @SuppressWarnings("try") // the scope is opened for its effect
  @Nullable Object ask(TieredCache<Object, Object> tiered, Object key, Callable<Object> method) {
    RequestContext.Builder context = RequestContext.current().toBuilder();
    try (RequestContext.Scope scope =
        context.with(CALL, new Call(this, key, method)).build().attach()) {
      return tiered.get(key);
    }
  }

  @Override
  public @Nullable Object load(Object key) throws Exception {
    Call call = RequestContext.current().get(CALL);
    if (call == null || call.cache() != this || !call.key().equals(key)) {
      throw new IllegalStateException(
          "cache '"
              + cache
              + "' has no loader of its own: ask Spring's Cache with get(key, Callable), or the "
              + "TieredCache with getIfPresent(key)");
    }
    return call.method().call();
  }
}
