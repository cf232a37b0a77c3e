package io.headroom;

/**
 * How much a request matters when there isn't room for all: under load the last of these is refused
 * first.
 *
 * <p>Immutable and thread-safe.
 */
public enum Criticality {

  /** Refused last: a payment, a login. */
  CRITICAL,

  /** What a request is unless it says otherwise. */
  STANDARD,

  /** Refused first: a prefetch, a report, a crawler. */
  SHEDDABLE
}
