package io.headroom.cache;

import java.io.Serial;
import java.time.Duration;

/**
 * A value was not loaded in the time that its caller has. The load goes on, and is cached when it
 * ends.
 */
public final class CacheLoadTimeoutException extends CacheLoadException {

  @Serial private static final long serialVersionUID = 1L;

  /** From its call. */
  private final Duration waited;

  CacheLoadTimeoutException(String cache, Duration waited) {
    super(
        cache,
        "cache '"
            + cache
            + "': no value within "
            + waited.toMillis()
            + " ms; the load goes on. Try again, allow it more time (hardTimeout, or the request's "
            + "deadline), or allow stale values (staleFor)");
    this.waited = waited;
  }

  /**
   * Returns how long the caller waited.
   *
   * @return the time from its call
   */
  public Duration waited() {
    return waited;
  }
}
