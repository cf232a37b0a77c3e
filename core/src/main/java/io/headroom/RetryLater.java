package io.headroom;

import java.time.Duration;

/**
 * What an exception is that turned its caller away for now: what was asked for was not begun, and
 * may be had after a while. A pool is under load, say, or a cluster has no primary yet.
 *
 * <p>Whoever answers for a request asks for this, whichever library threw it, and finds it among
 * the causes of what frameworks make of it:
 *
 * <pre>{@code
 * for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
 *   if (cause instanceof RetryLater later) {
 *     return unavailable(later.retryAfter()); // 503, Retry-After
 *   }
 * }
 * }</pre>
 *
 * <p>What the request had done before is another matter: it is to be rolled back, as after any
 * failure, before all of it is tried again. Implemented by exceptions only. Thread-safe.
 */
public interface RetryLater {

  /**
   * Returns when it is worth trying again: a guess, and no promise.
   *
   * @return the time from when this was thrown until then, more than zero
   */
  Duration retryAfter();
}
