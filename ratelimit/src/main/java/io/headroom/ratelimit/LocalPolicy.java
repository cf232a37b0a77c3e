package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One policy of a limiter whose buckets are in this process.
 *
 * <p>Thread-safe.
 *
 * @param <R> the type of subjects
 */
final class LocalPolicy<R> {

  /** The key of a policy that has none. */
  static final Object ALL = new Object();

  private static final Logger LOG = LoggerFactory.getLogger(RateLimiter.class);

  private final String limiter;
  private final Function<? super R, ? extends @Nullable Object> key;
  private final PolicyCounts counts;
  private final int maximumKeys;
  private final TimeSource time;
  private volatile Buckets buckets;
  private volatile boolean overflowing;

  LocalPolicy(
      String limiter,
      Policy policy,
      Function<? super R, ? extends @Nullable Object> key,
      int maximumKeys,
      TimeSource time) {
    this.limiter = limiter;
    this.key = key;
    this.counts = new PolicyCounts(policy.name());
    this.maximumKeys = maximumKeys;
    this.time = time;
    this.buckets = new Buckets(policy, maximumKeys, time.nanoTime());
  }

  /** Null if the policy does not apply to the subject. */
  @Nullable Object keyOf(R subject) {
    return key.apply(subject);
  }

  /** Those of the limit that holds now. */
  Buckets buckets() {
    return buckets;
  }

  PolicyCounts counts() {
    return counts;
  }

  /** Notes a decision that this policy has made. */
  void decided(Decision decision, boolean byShared) {
    counts.add(decision, byShared);
    if (byShared != overflowing) {
      noteOverflow(byShared);
    }
  }

  private void noteOverflow(boolean full) {
    if (full) {
      overflowing = true;
      LOG.warn(
          "limiter '{}', policy '{}': more than {} keys at a time; those that have no bucket share "
              + "one, and are refused sooner. Raise maximumKeys, or find out who makes up keys",
          limiter,
          counts.policy(),
          maximumKeys);
    } else if (buckets.keys() < 0.9 * maximumKeys) {
      overflowing = false;
    }
  }

  /** Sets another limit; when it returns, all debts have moved. */
  synchronized void change(Limit limit) {
    if (!buckets.policy().limit().equals(limit)) {
      Buckets next = buckets.successor(limit, time.nanoTime());
      buckets = next;
      next.takeOver(time.nanoTime());
    }
  }
}
