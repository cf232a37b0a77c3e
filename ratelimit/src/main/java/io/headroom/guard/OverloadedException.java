package io.headroom.guard;

import io.headroom.HeadroomException;
import io.headroom.RetryLater;
import java.io.Serial;
import java.time.Duration;

/**
 * A guard refused a request at the door: the service cannot afford it now. Java serialization keeps
 * only the message, and when to come back.
 */
public final class OverloadedException extends HeadroomException implements RetryLater {

  @Serial private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** When to come back. */
  private final Duration retryAfter;

  OverloadedException(Refusal refusal) {
    super(refusal.message());
    this.refusal = refusal;
    this.retryAfter = refusal.retryAfter();
  }

  /**
   * Returns why, and when to come back.
   *
   * @return the figures that decided it
   */
  public Refusal refusal() {
    return refusal;
  }

  /**
   * Returns when to come back.
   *
   * @return that of {@link #refusal}
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}
