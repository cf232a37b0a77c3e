package io.headroom.ratelimit;

/**
 * How a limiter whose buckets are in Redis decides while that does not answer. Such decisions say
 * so ({@link Decision#isAlone}).
 */
public enum WhenAway {

  /**
   * Each process admits its part of the limit, from its own memory: the limit divided by the
   * processes that were there lately, so that all of them together admit about what they should. A
   * process begins with its part of the burst; who asks for more than that at once is refused
   * meanwhile, and told to come back when the whole limit would have let in so many.
   */
  FAIR_SHARE,

  /** Everybody goes on: what is behind the limiter can bear it, or refusing is worse. */
  OPEN,

  /** Nobody goes on: what is behind the limiter must not be had for more than the limit. */
  CLOSED
}
