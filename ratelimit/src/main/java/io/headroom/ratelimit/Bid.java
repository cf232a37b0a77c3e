package io.headroom.ratelimit;

/**
 * What a request wants of one policy whose buckets are in Redis.
 *
 * @param <R> the type of subjects
 * @param policy the policy
 * @param key the subject's, or {@link LocalPolicy#ALL}
 * @param bucket its name in Redis
 */
record Bid<R>(SharedPolicy<R> policy, Object key, String bucket) {}
