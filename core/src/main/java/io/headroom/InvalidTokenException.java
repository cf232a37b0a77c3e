package io.headroom;

import java.io.Serial;

/**
 * A text is not a {@link ConsistencyToken}, or not one that this service sealed. It then means "no
 * token": the caller is served, without a promise about what it saw before.
 *
 * <p>The message never repeats the text, which came from outside.
 */
public final class InvalidTokenException extends HeadroomException {

  @Serial private static final long serialVersionUID = 1L;

  /** What is wrong with the text. */
  public enum Reason {
    /** Cut, damaged, or never a token. */
    MALFORMED,
    /** Longer than any token. */
    TOO_LONG,
    /** A format that this version doesn't know. */
    UNKNOWN_VERSION,
    /** A token without a seal where a sealed one is required. */
    UNSIGNED,
    /** Sealed under a key id that isn't accepted: retired, or of another service. */
    UNKNOWN_KEY,
    /** The seal doesn't fit: the token was changed, or sealed with another key. */
    FORGED
  }

  /** What is wrong. */
  private final Reason reason;

  InvalidTokenException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /**
   * Returns what is wrong.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }
}
