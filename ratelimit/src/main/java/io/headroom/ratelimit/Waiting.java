package io.headroom.ratelimit;

import io.headroom.redis.RedisCallException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One who waits for Redis. Who has done so in vain says it before he goes, so that a call counts as
 * failed before another caller waits for the same one. Thread-safe.
 */
final class Waiting {

  private final long untilNanos;
  private volatile @Nullable CompletableFuture<?> answer;

  /**
   * Creates one who waits for nothing yet.
   *
   * @param untilNanos when he has gone, and takes nothing any more
   */
  Waiting(long untilNanos) {
    this.untilNanos = untilNanos;
  }

  long untilNanos() {
    return untilNanos;
  }

  /**
   * Notes what he waits for now.
   *
   * @param redis an answer of Redis that is under way; null if there is none
   */
  void on(@Nullable CompletableFuture<?> redis) {
    answer = redis;
  }

  /** He has waited for as long as he may: what has not come by now is given up. */
  void inVain() {
    CompletableFuture<?> late = answer;
    if (late != null) {
      late.completeExceptionally(RedisCallException.LATE);
    }
  }
}
