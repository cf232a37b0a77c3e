package io.headroom.redis;

import java.io.Serial;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Redis has not done what it was asked; whether it will, nobody knows. */
public final class RedisCallException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  /** It was not even asked. One for all, since there may be millions of calls meanwhile. */
  @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace and takes no causes
  public static final RedisCallException AWAY =
      new RedisCallException("Redis is away: not asked", null);

  private RedisCallException(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }

  /**
   * Makes one of a cause, or returns the cause if it is one.
   *
   * @param cause what came of the call
   * @return one without a stack trace
   */
  public static RedisCallException of(@Nullable Throwable cause) {
    if (cause instanceof CompletionException wrapped && wrapped.getCause() != null) {
      return of(wrapped.getCause());
    }
    return cause instanceof RedisCallException already
        ? already
        : new RedisCallException("Redis failed: " + cause, cause);
  }

  /**
   * What a call comes to that is not made.
   *
   * @param <T> the type of the answer
   * @return failed with {@link #AWAY}
   */
  public static <T> CompletableFuture<T> away() {
    return CompletableFuture.failedFuture(AWAY);
  }
}
