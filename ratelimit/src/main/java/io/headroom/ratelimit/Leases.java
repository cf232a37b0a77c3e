package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * The leases of one policy, by bucket; those that nobody uses go.
 *
 * <p>Thread-safe; the tick is for one thread.
 */
final class Leases {

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final SharedPolicy<?> policy;
  private final RedisBuckets buckets;
  private final int maximum;
  private final TimeSource time;
  private final ConcurrentMap<String, Lease> leases = new ConcurrentHashMap<>();
  private long lookedNanos; // by the tick alone

  Leases(SharedPolicy<?> policy, RedisBuckets buckets, int maximum, TimeSource time) {
    this.policy = policy;
    this.buckets = buckets;
    this.maximum = maximum;
    this.time = time;
    this.lookedNanos = time.nanoTime();
  }

  /** Whether a bucket has a lease, or may have one; else Redis is to be asked each time. */
  boolean isOpenTo(String bucket) {
    return leases.containsKey(bucket) || leases.size() < maximum;
  }

  /** The lease of a bucket, a new one if there is none. */
  Lease find(String bucket) {
    Lease lease = leases.get(bucket);
    if (lease != null && !lease.isEnded()) {
      return lease;
    }
    if (lease != null) {
      leases.remove(bucket, lease);
    }
    return leases.computeIfAbsent(bucket, none -> new Lease(bucket, policy, buckets, time));
  }

  /** How many there are. */
  long size() {
    return leases.size();
  }

  void tick(long now) {
    if (now - lookedNanos >= LOOK_NANOS) {
      lookedNanos = now;
      leases.entrySet().removeIf(entry -> entry.getValue().endIfIdle());
    }
  }
}
