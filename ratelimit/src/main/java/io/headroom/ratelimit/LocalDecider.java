package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.util.List;
import java.util.OptionalLong;

/**
 * What deciders have in common whose buckets are in this process.
 *
 * @param <R> the type of subjects
 */
abstract class LocalDecider<R> implements Decider<R> {

  private final List<LocalPolicy<R>> policies;
  private final TimeSource time;
  private final boolean shadow;

  LocalDecider(List<LocalPolicy<R>> policies, TimeSource time, boolean shadow) {
    this.policies = List.copyOf(policies);
    this.time = time;
    this.shadow = shadow;
  }

  static <R> Decider<R> of(List<LocalPolicy<R>> policies, TimeSource time, boolean shadow) {
    return policies.size() == 1
        ? new OnePolicy<>(policies.get(0), time, shadow)
        : new Composite<>(policies, time, shadow);
  }

  final long now() {
    return time.nanoTime();
  }

  /** The decision as the caller gets it. */
  final Decision done(LocalPolicy<R> policy, Decision decision, boolean byShared) {
    Decision told = shadow ? decision.shadowed() : decision;
    policy.decided(told, byShared);
    return told;
  }

  @Override
  public final List<Policy> policies() {
    return policies.stream().map(policy -> policy.buckets().policy()).toList();
  }

  @Override
  public final boolean isShadow() {
    return shadow;
  }

  @Override
  public final List<PolicyCounts> counts() {
    return policies.stream().map(LocalPolicy::counts).toList();
  }

  @Override
  public final OptionalLong keys(int policy) {
    return OptionalLong.of(policies.get(policy).buckets().keys());
  }

  @Override
  public final void changeLimit(int policy, Limit limit) {
    policies.get(policy).change(limit);
  }
}
