package io.headroom.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What comes of a call, and all stages that are made of it. The first who completes one of them
 * exceptionally gives the call up: it counts as failed before anybody hears of that, and once,
 * whatever comes of it later. A client's timer may be late by more than a caller's whole patience.
 *
 * <p>Thread-safe.
 *
 * @param <T> the type of the answer
 */
final class Reply<T> extends CompletableFuture<T> {

  private final Consumer<Throwable> failed;
  private final AtomicBoolean counted;

  /**
   * Creates one that has not come.
   *
   * @param failed counts the call as failed
   */
  Reply(Consumer<Throwable> failed) {
    this(failed, new AtomicBoolean());
  }

  private Reply(Consumer<Throwable> failed, AtomicBoolean counted) {
    this.failed = failed;
    this.counted = counted;
  }

  /** Whether what has come of the call is still to be counted; by who asks first. */
  boolean isToBeCounted() {
    return counted.compareAndSet(false, true);
  }

  @Override
  public boolean completeExceptionally(Throwable why) {
    if (isToBeCounted()) {
      failed.accept(why instanceof TimeoutException ? RedisCallException.LATE : why);
    }
    return super.completeExceptionally(why);
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new Reply<>(failed, counted);
  }
}
