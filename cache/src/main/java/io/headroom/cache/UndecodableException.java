package io.headroom.cache;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Sealed bytes that are no value of ours: a miss, and one more in a metric. It has no stack trace:
 * the reason says it all, and a rolling deploy makes many.
 */
final class UndecodableException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  /** What is the matter with the bytes. */
  enum Reason {
    /** Not an envelope, or a torn or altered one. */
    GARBAGE,
    /** An envelope of another version of Headroom. */
    OTHER_FORMAT,
    /** Written by another codec, or by a compression that is not configured here. */
    OTHER_CODEC,
    /** Written for another version of the value's schema. */
    OTHER_SCHEMA,
    /** More bytes than allowed, now or once decompressed. */
    TOO_LARGE,
    /** The codec or the compression threw, or returned null; see the cause. */
    CODEC_FAILED
  }

  private final Reason reason;

  UndecodableException(Reason reason, String message) {
    this(reason, message, null);
  }

  UndecodableException(Reason reason, String message, @Nullable Exception cause) {
    super(message, cause, false, false);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
