package io.headroom.cache;

import io.headroom.RequestContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * What callers tell of: that something has changed, now or once their write transactions have
 * ended. Each of these can be {@linkplain #await waited for} or only {@linkplain #begin begun}.
 * Thread-safe.
 */
final class Changes<K, V> {

  private final Source<K, V> source;
  private final OwnWrites ownWrites;
  private final Executor executor;

  /**
   * Creates it.
   *
   * @param executor asks databases for callers who go on
   */
  Changes(Source<K, V> source, OwnWrites ownWrites, Executor executor) {
    this.source = source;
    this.ownWrites = ownWrites;
    this.executor = executor;
  }

  /** Makes a change, and returns when it has been told. */
  void await(Function<Writer, CompletableFuture<Void>> change) {
    told(change.apply(Writer.waiting(RequestContext.current())));
  }

  /** Throws what came of a change that was waited for. */
  private static void told(CompletableFuture<Void> change) {
    try {
      change.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (failure.getCause() instanceof Error error) {
        throw error;
      }
      throw failure;
    }
  }

  /** Makes a change, and returns at once: whatever it throws, the future does. */
  CompletableFuture<Void> begin(Function<Writer, CompletableFuture<Void>> change) {
    try {
      return HandedOut.of(change.apply(Writer.goingOn(RequestContext.current(), executor)));
    } catch (RuntimeException | Error failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** A key has a new value; inside a write transaction that may never come to be. */
  CompletableFuture<Void> put(K key, V value, Writer writer) {
    return writer.request().inWriteTransaction()
        ? forget(Set.of(key), writer)
        : source.put(key, value, writer);
  }

  /** Keys have changed. */
  CompletableFuture<Void> forget(Set<K> keys, Writer writer) {
    if (keys.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    RequestContext request = writer.request();
    if (!request.inWriteTransaction()) {
      return source.forget(keys, writer, SharedStore.NO_MARKER);
    }
    Map<K, byte[]> markers = new LinkedHashMap<>();
    for (K key : keys) {
      if (!ownWrites.awaits(key, request)) {
        markers.put(key, SharedStore.newId());
      }
    }
    List<CompletableFuture<Void>> told = new ArrayList<>();
    told.add(source.mark(markers, writer));
    markers.forEach(
        (key, marker) -> {
          if (!ownWrites.forget(key, request, () -> atTheEnd(key, request, marker))) {
            told.add(source.forget(Set.of(key), writer, marker)); // that has just been
          }
        });
    return all(told);
  }

  private void atTheEnd(K key, RequestContext request, byte[] marker) {
    told(source.forget(Set.of(key), Writer.waiting(request), marker));
  }

  /** Whatever has a tag has changed. */
  CompletableFuture<Void> forgetTag(String tag, Writer writer) {
    RequestContext request = writer.request();
    Runnable atTheEnd = () -> told(source.forgetTag(tag, Writer.waiting(request)));
    return ownWrites.forgetTag(tag, request, atTheEnd)
        ? CompletableFuture.completedFuture(null)
        : source.forgetTag(tag, writer);
  }

  /** Everything has changed. */
  CompletableFuture<Void> forgetAll(Writer writer) {
    RequestContext request = writer.request();
    return ownWrites.forgetAll(request, () -> told(source.forgetAll(Writer.waiting(request))))
        ? CompletableFuture.completedFuture(null)
        : source.forgetAll(writer);
  }

  /** Done when all of them are. */
  static CompletableFuture<Void> all(List<CompletableFuture<Void>> some) {
    return CompletableFuture.allOf(some.toArray(CompletableFuture<?>[]::new));
  }
}
