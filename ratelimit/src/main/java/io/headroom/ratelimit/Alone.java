package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides while Redis does not.
 *
 * <p>Thread-safe.
 *
 * @param <R> the type of subjects
 */
final class Alone<R> {

  private final WhenAway way;
  private final List<SharedPolicy<R>> policies;
  private final List<LocalPolicy<List<Bid<R>>>> parts;
  private final Decider<List<Bid<R>>> local;

  Alone(
      String limiter,
      WhenAway way,
      List<SharedPolicy<R>> policies,
      int processes,
      int maximumKeys,
      TimeSource time) {
    this.way = way;
    this.policies = policies;
    this.parts =
        policies.stream()
            .map(
                policy -> {
                  Policy whole = policy.limit().policy;
                  Policy part = new Policy(whole.name(), whole.limit().part(processes));
                  return new LocalPolicy<List<Bid<R>>>(
                      limiter, part, bids -> bucketOf(policy, bids), maximumKeys, time);
                })
            .toList();
    this.local = LocalDecider.of(parts, time, false);
  }

  /** So that here each has the bucket for itself that it has in Redis. */
  private static <R> @Nullable Object bucketOf(SharedPolicy<R> policy, List<Bid<R>> bids) {
    for (Bid<R> bid : bids) {
      if (bid.policy().equals(policy)) {
        return bid.bucket();
      }
    }
    return null;
  }

  /** Each process's part is another one if there are more or fewer, or another limit. */
  synchronized void share(int processes) {
    for (int i = 0; i < parts.size(); i++) {
      parts.get(i).change(policies.get(i).limit().policy.limit().part(processes));
    }
  }

  Decision decide(List<Bid<R>> bids, long permits, int factor) {
    return switch (way) {
      case FAIR_SHARE -> share(bids, permits, factor).alone();
      case OPEN -> decide(bids, Bid.price(bids, permits, factor), true);
      case CLOSED -> decide(bids, Bid.price(bids, permits, factor), false);
    };
  }

  /** Who asks for more than a part ever holds may have it once Redis is back, so it says when. */
  private Decision share(List<Bid<R>> bids, long permits, int factor) {
    Decision decision = local.decide(bids, permits, factor);
    if (decision.isNeverPossible()) {
      String refusedBy = decision.policy().map(Policy::name).orElseThrow();
      for (SharedPolicy<R> policy : policies) {
        if (policy.counts().policy().equals(refusedBy)) {
          MicroLimit limit = policy.limit();
          return limit.decision(limit.full, false, Bid.price(bids, permits, factor), 0);
        }
      }
    }
    return decision;
  }

  /** As a full bucket would, or an empty one, of the first policy that applies. */
  private Decision decide(List<Bid<R>> bids, long price, boolean goesOn) {
    MicroLimit limit = bids.get(0).policy().limit();
    boolean fits = goesOn && limit.fits(0, price);
    return limit.decision(fits ? 0 : limit.full, fits, price, 0).alone();
  }
}
