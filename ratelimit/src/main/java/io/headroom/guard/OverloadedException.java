package io.headroom.guard;

import io.headroom.HeadroomException;
import java.io.Serial;

/**
 * A guard refused a request at the door: the service cannot afford it now. Java serialization keeps
 * only the message.
 */
public final class OverloadedException extends HeadroomException {

  @Serial private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  OverloadedException(Refusal refusal) {
    super(refusal.message());
    this.refusal = refusal;
  }

  /**
   * Returns why, and when to come back.
   *
   * @return the figures that decided it
   */
  public Refusal refusal() {
    return refusal;
  }
}
