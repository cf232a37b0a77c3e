package io.headroom.cache;

import io.headroom.HeadroomException;
import java.io.Serial;

/**
 * A value is not in the cache, and could not be loaded; nothing was cached, so that the next call
 * tries again. The cause is what the loader threw, the same for all callers that shared the load.
 */
public class CacheLoadException extends HeadroomException {

  @Serial private static final long serialVersionUID = 1L;

  /** Which cache was asked. */
  private final String cache;

  CacheLoadException(String cache, String message) {
    super(message);
    this.cache = cache;
  }

  CacheLoadException(String cache, String message, Throwable cause) {
    super(message, cause);
    this.cache = cache;
  }

  /**
   * Returns which cache was asked.
   *
   * @return its name
   */
  public String cache() {
    return cache;
  }
}
