package io.headroom.cache;

import io.headroom.redis.RedisCallException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits for the shared tier's answers, as long as a command may take. Thread-safe. */
final class TierAnswers {

  private final long limitNanos;
  private final SharedCounts counts;

  TierAnswers(Duration limit, SharedCounts counts) {
    this.limitNanos = Nanos.of(limit);
    this.counts = counts;
  }

  /** Null if there is none: it is away, or late, or the caller was interrupted. */
  <T> @Nullable T await(CompletableFuture<T> answer) {
    try {
      return answer.get(limitNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException failure) {
      counts.failed(failure.getCause() == RedisCallException.AWAY);
      return null;
    } catch (TimeoutException late) {
      counts.failed(false);
      return null;
    }
  }

  /**
   * Has something done with an answer, or with null if there is none: now for a writer who waits,
   * else on the thread that brings it, or that finds that it does not come.
   */
  <T> CompletableFuture<Void> then(
      CompletableFuture<T> answer, Writer writer, Consumer<@Nullable T> next) {
    if (writer.waits()) {
      next.accept(await(answer));
      return CompletableFuture.completedFuture(null);
    }
    return answer
        .copy() // nobody else has as little time
        .orTimeout(limitNanos, TimeUnit.NANOSECONDS)
        .handle(
            (value, failure) -> {
              if (failure != null) {
                counts.failed(failure.getCause() == RedisCallException.AWAY);
              }
              next.accept(failure == null ? value : null);
              return null;
            });
  }
}
