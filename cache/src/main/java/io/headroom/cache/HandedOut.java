package io.headroom.cache;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What callers get who do not wait. What they do when it is done is not done by whoever brings it:
 * that is a connection, which has the other answers to bring, or a thread that loads for another
 * request, whose context it has.
 */
final class HandedOut {

  private HandedOut() {}

  /** The same, of which is told on the common pool, unless it is done already. */
  static <T extends @Nullable Object> CompletableFuture<T> of(CompletableFuture<T> future) {
    return future.isDone() ? future : future.whenCompleteAsync((done, failure) -> {});
  }
}
