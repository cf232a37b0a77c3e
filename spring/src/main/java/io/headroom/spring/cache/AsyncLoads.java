package io.headroom.spring.cache;

import io.headroom.RequestContext;
import io.headroom.cache.CacheFill;
import io.headroom.cache.TieredCache;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Loads that hold no thread while they run: one per key at a time. Nobody joins one that was begun
 * before the key was changed. Thread-safe.
 */
final class AsyncLoads {

  private static final class Running {

    private final CacheFill<Object, Object> fill;
    private final CompletableFuture<@Nullable Object> result = new CompletableFuture<>();

    Running(CacheFill<Object, Object> fill) {
      this.fill = fill;
    }
  }

  private final TieredCache<Object, Object> cache;
  private final ConcurrentMap<Object, Running> running = new ConcurrentHashMap<>();

  AsyncLoads(TieredCache<Object, Object> cache) {
    this.cache = cache;
  }

  /** What is there, or what the loader brings, to this caller or to one who asked before. */
  CompletableFuture<@Nullable Object> get(
      Object key, Supplier<CompletableFuture<@Nullable Object>> loader) {
    Object known = cache.getIfPresent(key);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    if (RequestContext.current().inWriteTransaction()) {
      return loader.get(); // it may see what nobody else is to see yet
    }
    Running mine = new Running(cache.fill(key));
    Running load =
        running.compute(
            key, (same, theirs) -> theirs != null && theirs.fill.isOpen() ? theirs : mine);
    if (load == mine) {
      start(key, mine, loader);
    }
    return load.result.copy(); // whoever cancels it cancels no other
  }

  private void start(
      Object key, Running load, Supplier<CompletableFuture<@Nullable Object>> loader) {
    Object known = cache.getIfPresent(key); // another load may just have ended
    if (known != null) {
      running.remove(key, load);
      load.result.complete(known);
      return;
    }
    CompletableFuture<@Nullable Object> loading;
    try {
      loading = loader.get();
    } catch (Throwable failure) { // whatever it is, others wait for this load
      loading = CompletableFuture.failedFuture(failure);
    }
    CompletableFuture<?> unused = // what fails goes to the result
        loading.whenComplete((value, failure) -> end(key, load, value, failure));
  }

  private void end(Object key, Running load, @Nullable Object value, @Nullable Throwable failure) {
    if (failure == null) {
      load.fill.keep(value);
    }
    running.remove(key, load); // not sooner: who begins a load from now on looks for the value
    if (failure == null) {
      load.result.complete(value);
    } else {
      load.result.completeExceptionally(
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure);
    }
  }
}
