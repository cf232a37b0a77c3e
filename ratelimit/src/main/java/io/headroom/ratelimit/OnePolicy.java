package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.util.List;

/**
 * Decides where there is one policy: without locks, and with one write per admission.
 *
 * @param <R> the type of subjects
 */
final class OnePolicy<R> extends LocalDecider<R> {

  private final LocalPolicy<R> policy;

  OnePolicy(LocalPolicy<R> policy, TimeSource time, boolean shadow) {
    super(List.of(policy), time, shadow);
    this.policy = policy;
  }

  @Override
  public Decision decide(R subject, long permits, int factor) {
    Object key = policy.keyOf(subject);
    if (key == null) {
      return Decision.unlimited(permits);
    }
    long now = now();
    while (true) {
      Buckets buckets = policy.buckets();
      Bucket bucket = buckets.find(key, now);
      if (bucket != null) {
        Policy known = buckets.policy();
        long price = Price.of(permits, factor, known.limit().capacity());
        long result = bucket.acquire(known.limit(), now, price);
        if (result != Bucket.GONE) {
          buckets.sweepIfDue(now);
          Decision decision = bucket.decision(known, result, now, price).ofWanted(permits);
          return done(policy, decision, key != LocalPolicy.ALL && buckets.isShared(bucket));
        }
        buckets.forget(key, bucket);
      }
      Thread.onSpinWait();
    }
  }
}
