package io.headroom.ratelimit;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Decides for a limiter, wherever its buckets are, and counts.
 *
 * <p>Thread-safe.
 *
 * @param <R> the type of subjects
 */
interface Decider<R> {

  /** Takes permits from all policies that apply to the subject, or from none. */
  Decision decide(R subject, long permits);

  /** The same; the future fails only as {@link #decide} would throw. */
  default CompletableFuture<Decision> decideAsync(R subject, long permits) {
    return CompletableFuture.completedFuture(decide(subject, permits));
  }

  /** The policies as they are now, in their order. */
  List<Policy> policies();

  /** Whether everybody goes on, whatever is decided. */
  boolean isShadow();

  /** In the order of the policies. */
  List<PolicyCounts> counts();

  /**
   * How many keys have buckets here.
   *
   * @param policy its place in the order
   * @return empty if all of them are elsewhere
   */
  OptionalLong keys(int policy);

  /** How many processes share the limits; empty if they are this one's. */
  default OptionalLong processes() {
    return OptionalLong.empty();
  }

  /**
   * Changes a limit.
   *
   * @param policy its place in the order
   */
  void changeLimit(int policy, Limit limit);
}
