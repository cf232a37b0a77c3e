package io.headroom.ratelimit;

/**
 * Hears what a limiter decides. Every method does nothing unless overridden.
 *
 * <p>Called on the thread that asks, so be quick ({@link RateLimiter#tryAcquireAsync(Object, long)}
 * says who calls otherwise); must be thread-safe. An exception thrown here is logged and never
 * reaches a caller. Subjects and keys are not told: they may be secrets, and are too many to be
 * counted by.
 */
public interface RateLimitListener {

  /**
   * A caller may go on.
   *
   * @param limiter the limiter's name
   * @param decision says how many permits, and which policy has the least left
   */
  default void onAdmitted(String limiter, Decision decision) {}

  /**
   * A caller was refused or, in shadow mode, would have been ({@link Decision#isShadowed}).
   *
   * @param limiter the limiter's name
   * @param decision says how many permits, by which policy, and when to come back
   */
  default void onRefused(String limiter, Decision decision) {}
}
