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

  /**
   * Takes permits from all policies that apply to the subject, or from none.
   *
   * @param permits how many are wanted
   * @param factor how many are paid for each of them, as far as buckets can hold it ({@link Price})
   */
  Decision decide(R subject, long permits, int factor);

  /** The same; the future fails only as {@link #decide} would throw. */
  default CompletableFuture<Decision> decideAsync(R subject, long permits, int factor) {
    return CompletableFuture.completedFuture(decide(subject, permits, factor));
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
