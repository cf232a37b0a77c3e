package io.headroom.ratelimit;

import io.headroom.HeadroomException;
import java.io.Serial;

/**
 * A caller may not go on now: its limit is reached. {@link #decision} says when to come back; Java
 * serialization keeps only the message.
 */
public final class RateLimitedException extends HeadroomException {

  @Serial private static final long serialVersionUID = 1L;

  /** Its name. */
  private final String limiter;

  private final transient Decision decision;

  RateLimitedException(String limiter, Decision decision) {
    super("limiter '" + limiter + "': " + decision);
    this.limiter = limiter;
    this.decision = decision;
  }

  /**
   * Returns the name of the limiter that refused.
   *
   * @return as it was built
   */
  public String limiter() {
    return limiter;
  }

  /**
   * Returns which policy refused, and when to come back.
   *
   * @return a refusal
   */
  public Decision decision() {
    return decision;
  }
}
