package io.headroom.cache;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, shared by all who ask for it meanwhile. This very object stands in the table
 * of loads from before it begins: what it brings is kept only if it still does, since whoever
 * invalidates the key takes it out.
 *
 * <p>Thread-safe.
 */
final class Load<V> {

  private final CompletableFuture<Entry<V>> result = new CompletableFuture<>();
  private volatile @Nullable Thread worker;
  private volatile boolean abandoned;

  /** Never cancelled or completed by those who wait for it. */
  CompletableFuture<Entry<V>> result() {
    return result;
  }

  /** This thread does the work now. */
  void begins() {
    worker = Thread.currentThread();
  }

  /** A loader that asks for its own key would wait for itself. */
  boolean isOwn() {
    return worker == Thread.currentThread();
  }

  void ends(Entry<V> entry) {
    worker = null;
    result.complete(entry);
  }

  /**
   * It has failed.
   *
   * @param personal whether for reasons of the one who ran it, who was interrupted or had no time
   *     left: others are to try for themselves
   */
  void fails(Throwable cause, boolean personal) {
    worker = null;
    abandoned = personal;
    result.completeExceptionally(cause);
  }

  /** Whether those who shared it are to load for themselves. */
  boolean isAbandoned() {
    return abandoned;
  }
}
