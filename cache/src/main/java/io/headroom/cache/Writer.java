package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One who tells of what was written: the request that wrote it, and whether the caller waits until
 * it is told, or goes on at once. Thread-safe.
 */
final class Writer {

  /** After that it is told without: the origin has what was written. */
  private static final long LONGEST_QUESTION_MILLIS = 100;

  private final RequestContext request;
  private final @Nullable Executor elsewhere;

  private Writer(RequestContext request, @Nullable Executor elsewhere) {
    this.request = request;
    this.elsewhere = elsewhere;
  }

  /** One who waits. */
  static Writer waiting(RequestContext request) {
    return new Writer(request, null);
  }

  /**
   * One who goes on.
   *
   * @param elsewhere asks databases on his behalf; fails in no other way than that it rejects
   */
  static Writer goingOn(RequestContext request, Executor elsewhere) {
    return new Writer(request, elsewhere);
  }

  RequestContext request() {
    return request;
  }

  /** Whether the thread that calls may be held up. */
  boolean waits() {
    return elsewhere == null;
  }

  /** What was written, as {@link Seen#by} says it: it is there already for one who waits. */
  CompletableFuture<ConsistencyToken> seen() {
    if (elsewhere == null || request.isTokenKnown()) {
      return CompletableFuture.completedFuture(Seen.by(request));
    }
    CompletableFuture<ConsistencyToken> answer = new CompletableFuture<>();
    Runnable question =
        () -> {
          if (!answer.isDone()) { // else it is too late to ask
            answer.complete(Seen.by(request));
          }
        };
    try {
      elsewhere.execute(request.wrap(question));
    } catch (RejectedExecutionException full) {
      answer.complete(SharedRead.WRITER_UNKNOWN);
    }
    return answer.completeOnTimeout(
        SharedRead.WRITER_UNKNOWN, LONGEST_QUESTION_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The same, at once: one who goes on has no database asked. */
  ConsistencyToken seenAtOnce() {
    return waits() || request.isTokenKnown() ? Seen.by(request) : SharedRead.WRITER_UNKNOWN;
  }
}
