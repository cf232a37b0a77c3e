package io.headroom.ratelimit;

import java.util.List;

/**
 * What a request wants of one policy whose buckets are in Redis.
 *
 * @param <R> the type of subjects
 * @param policy the policy
 * @param key the subject's, or {@link LocalPolicy#ALL}
 * @param bucket its name in Redis
 */
record Bid<R>(SharedPolicy<R> policy, Object key, String bucket) {

  /** What each of some buckets has to pay. */
  static <R> long price(List<Bid<R>> bids, long permits, int factor) {
    long least = Long.MAX_VALUE;
    for (Bid<R> bid : bids) {
      least = Math.min(least, bid.policy().limit().policy.limit().capacity());
    }
    return Price.of(permits, factor, least);
  }
}
