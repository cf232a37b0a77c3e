package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides where there are several policies: all of them are debited, or none.
 *
 * <p>Who is refused by the first look needs no lock: one bucket that had too few suffices. Else the
 * buckets' monitors are taken, in the order of the policies, which is the same for all; a policy
 * has its buckets for itself, so no bucket occurs twice. All writers of these buckets hold their
 * monitors, so what was found is still so when it is debited.
 *
 * @param <R> the type of subjects
 */
final class Composite<R> extends LocalDecider<R> {

  private final List<LocalPolicy<R>> policies;

  Composite(List<LocalPolicy<R>> policies, TimeSource time, boolean shadow) {
    super(policies, time, shadow);
    this.policies = List.copyOf(policies);
  }

  @Override
  public Decision decide(R subject, long permits, int factor) {
    List<Part<R>> parts = new ArrayList<>(policies.size());
    for (LocalPolicy<R> policy : policies) {
      Object key = policy.keyOf(subject);
      if (key != null) {
        parts.add(new Part<>(policy, key));
      }
    }
    if (parts.isEmpty()) {
      return Decision.unlimited(permits);
    }
    long now = now();
    while (true) {
      Part<R> decisive =
          findAll(parts, now) ? decide(parts, now, price(parts, permits, factor)) : null;
      if (decisive != null) {
        parts.forEach(part -> part.buckets.sweepIfDue(now));
        Decision decision = leastOf(parts, decisive).ofWanted(permits);
        return done(decisive.policy, decision, decisive.isByShared());
      }
      // Not before: the map's locks are not to be asked for by who holds monitors.
      parts.forEach(Part::forgetGone);
      Thread.onSpinWait();
    }
  }

  private static <R> boolean findAll(List<Part<R>> parts, long now) {
    for (Part<R> part : parts) {
      if (!part.find(now)) {
        return false;
      }
    }
    return true;
  }

  private static <R> long price(List<Part<R>> parts, long permits, int factor) {
    long least = Long.MAX_VALUE;
    for (Part<R> part : parts) {
      least = Math.min(least, part.buckets.policy().limit().capacity());
    }
    return Price.of(permits, factor, least);
  }

  /** The part that decides; null if a bucket has gone meanwhile. */
  private static <R> @Nullable Part<R> decide(List<Part<R>> parts, long now, long permits) {
    Part<R> decisive = weigh(parts, now, permits);
    return decisive == null || !decisive.decision().allowed()
        ? decisive
        : decideHolding(parts, 0, now, permits);
  }

  private static <R> @Nullable Part<R> decideHolding(
      List<Part<R>> parts, int held, long now, long permits) {
    if (held < parts.size()) {
      synchronized (parts.get(held).bucket()) {
        return decideHolding(parts, held + 1, now, permits);
      }
    }
    Part<R> decisive = weigh(parts, now, permits);
    if (decisive != null && decisive.decision().allowed()) {
      for (Part<R> part : parts) {
        part.take(now, permits);
      }
    }
    return decisive;
  }

  /** The part of those that refuse which makes wait longest, or the one that has the least left. */
  private static <R> @Nullable Part<R> weigh(List<Part<R>> parts, long now, long permits) {
    Part<R> decisive = null;
    for (Part<R> part : parts) {
      if (!part.weigh(now, permits)) {
        return null;
      }
      if (decisive == null || part.decidesBefore(decisive)) {
        decisive = part;
      }
    }
    return decisive;
  }

  private static <R> Decision leastOf(List<Part<R>> parts, Part<R> decisive) {
    boolean debited = decisive.decision().allowed();
    long least = Long.MAX_VALUE;
    for (Part<R> part : parts) {
      least = Math.min(least, part.remaining(debited));
    }
    return decisive.decision().withLeastRemaining(least);
  }

  /** One policy's part in a request. */
  private static final class Part<R> {

    final LocalPolicy<R> policy;
    Buckets buckets;
    private final Object key;
    private @Nullable Bucket bucket;
    private @Nullable Decision decision;

    Part(LocalPolicy<R> policy, Object key) {
      this.policy = policy;
      this.buckets = policy.buckets();
      this.key = key;
    }

    boolean find(long now) {
      buckets = policy.buckets();
      bucket = buckets.find(key, now);
      return bucket != null;
    }

    void forgetGone() {
      if (bucket != null && bucket.isGone()) {
        buckets.forget(key, bucket);
      }
    }

    Bucket bucket() {
      return Objects.requireNonNull(bucket);
    }

    Decision decision() {
      return Objects.requireNonNull(decision);
    }

    boolean isByShared() {
      return key != LocalPolicy.ALL && buckets.isShared(bucket());
    }

    /** False if the bucket has gone. */
    boolean weigh(long now, long permits) {
      long result = bucket().peek(buckets.policy().limit(), now, permits);
      if (result == Bucket.GONE) {
        return false;
      }
      decision = bucket().decision(buckets.policy(), result, now, permits);
      return true;
    }

    boolean decidesBefore(Part<R> other) {
      return decision().decidesBefore(other.decision());
    }

    /** Of a decision that would have debited this, and did or did not. */
    long remaining(boolean debited) {
      long left = decision().remaining();
      return decision().allowed() && !debited ? left + decision().price() : left;
    }

    void take(long now, long permits) {
      if (bucket().acquire(buckets.policy().limit(), now, permits) < 0) {
        throw new IllegalStateException(
            "policy " + buckets.policy() + ": a bucket has changed while its monitor was held");
      }
    }
  }
}
