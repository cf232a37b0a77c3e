package io.headroom.ratelimit;

import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of one policy under one limit, by key.
 *
 * <p>A bucket that is full is as good as none, so it may go at any time, and a key that comes again
 * gets a new one. Buckets are never dropped for want of room: a flood of made-up keys would then be
 * given new buckets for old. Beyond the maximum, keys that have none share one. A key that leaves
 * that for its own finds there what all of them together still owe.
 *
 * <p>A changed limit is a new object like this, into which each bucket's debt moves: at once if its
 * key comes, or when {@link #takeOver} gets to it. A bucket is ended before its successor is begun,
 * and both in the map's lock for its key, so there is never more than one to debit.
 *
 * <p>Thread-safe. Whoever is given no bucket, or one that turns out to be {@link Bucket#GONE},
 * looks again, beginning at {@link LocalPolicy#buckets}.
 */
final class Buckets {

  private static final long SWEEP_NANOS = 100_000_000;

  /** So that all are looked at within about a minute. */
  private static final int PARTS = 600;

  private static final int LEAST_PART = 64;

  private final Policy policy;
  private final int maximum;
  private final LatestReading latest;

  /** Of all who have none of their own; where the policy has no keys, of all. */
  private final Bucket shared;

  private final ConcurrentHashMap<Object, Bucket> own = new ConcurrentHashMap<>();
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private volatile long sweepAtNanos;
  private volatile boolean closed;
  private volatile @Nullable Buckets before;

  /** Where the next part of a sweep begins; only for who has {@link #sweeping}. */
  private @Nullable Iterator<Map.Entry<Object, Bucket>> sweep;

  Buckets(Policy policy, int maximum, long now) {
    this(policy, maximum, new LatestReading(now), new Bucket(policy.limit(), now, 0), null, now);
  }

  private Buckets(
      Policy policy,
      int maximum,
      LatestReading latest,
      Bucket shared,
      @Nullable Buckets before,
      long now) {
    this.policy = policy;
    this.maximum = maximum;
    this.latest = latest;
    this.shared = shared;
    this.before = before;
    this.sweepAtNanos = now + SWEEP_NANOS;
  }

  Policy policy() {
    return policy;
  }

  long keys() {
    return own.mappingCount();
  }

  boolean isShared(Bucket bucket) {
    return bucket == shared;
  }

  /** The key's bucket; null if one must look again. */
  @Nullable Bucket find(Object key, long now) {
    if (key == LocalPolicy.ALL) {
      return shared;
    }
    Bucket bucket = own.get(key);
    if (bucket == null) {
      bucket = begin(key, now);
    }
    // Whoever finds this open has a bucket that takeOver will find too.
    return closed ? null : bucket;
  }

  private @Nullable Bucket begin(Object key, long now) {
    if (own.mappingCount() >= maximum && !isKnownBefore(key)) {
      latest.raise(now);
      long reading = latest.orLater(now);
      if (reading != now) {
        // The key may have had a bucket of its own until then.
        shared.raise(policy.limit(), reading);
      }
      return shared;
    }
    return own.computeIfAbsent(key, absent -> born(absent, now));
  }

  private boolean isKnownBefore(Object key) {
    Buckets earlier = before;
    return earlier != null && earlier.own.containsKey(key);
  }

  /**
   * Runs in the map's lock for the key. What it reads here was written before another bucket for
   * the key was removed from the map, if there was one.
   */
  private @Nullable Bucket born(Object key, long now) {
    requireKey(key);
    Buckets earlier = before;
    Bucket successor = earlier == null ? null : earlier.handOver(key, policy.limit(), now);
    if (successor != null) {
      return successor;
    }
    long birth = latest.orLater(now);
    long owed = shared.peek(policy.limit(), birth, 0);
    if (owed == Bucket.GONE) {
      return null;
    }
    return new Bucket(policy.limit(), birth, owed >= 0 ? owed : policy.limit().fullUnits);
  }

  private void requireKey(Object key) {
    if (key.getClass().isArray()) {
      throw new IllegalArgumentException(
          "policy "
              + policy
              + ": an array is equal to none but itself, so that as a key it limits nobody. Give a"
              + " string of what is in it");
    }
    if (key instanceof Optional<?>) {
      throw new IllegalArgumentException(
          "policy " + policy + ": give as a key what is in the Optional, or null if nothing is");
    }
  }

  /**
   * Ends the key's bucket here. It stays in the map, so that {@link #takeOver} comes to its key,
   * and there waits for who has begun the successor, but has not put it into its map yet.
   */
  private @Nullable Bucket handOver(Object key, Limit to, long now) {
    Bucket[] successor = new Bucket[1];
    own.computeIfPresent(
        key,
        (known, bucket) -> {
          successor[0] = bucket.succeed(policy.limit(), to, latest.orLater(now));
          return bucket;
        });
    return successor[0];
  }

  /** Removes a bucket that has been swept, in case who did it has not got there yet. */
  void forget(Object key, @Nullable Bucket gone) {
    if (gone != null && !closed) {
      own.remove(key, gone);
    }
  }

  /** Begins the same under another limit. Nobody is given a bucket here from now on. */
  Buckets successor(Limit limit, long now) {
    closed = true;
    Bucket next = shared.succeed(policy.limit(), limit, latest.orLater(now));
    if (next == null) {
      throw new IllegalStateException("policy " + policy + " has been succeeded already");
    }
    return new Buckets(new Policy(policy.name(), limit), maximum, latest, next, this, now);
  }

  /** Takes over all that is not here yet; until then it is as soon as somebody asks for it. */
  void takeOver(long now) {
    Buckets earlier = before;
    if (earlier != null) {
      earlier.own.keySet().forEach(key -> own.computeIfAbsent(key, absent -> born(absent, now)));
      before = null;
    }
  }

  /**
   * Drops some of the buckets that are full, every tenth of a second: whoever comes first then does
   * it, for a part of them, and nobody waits for him.
   */
  void sweepIfDue(long now) {
    if (now - sweepAtNanos >= 0 && sweeping.compareAndSet(false, true)) {
      try {
        sweep(now);
        sweepAtNanos = now + SWEEP_NANOS;
      } finally {
        sweeping.set(false);
      }
    }
  }

  private void sweep(long now) {
    latest.raise(now);
    long part = Math.max(LEAST_PART, own.mappingCount() / PARTS);
    Iterator<Map.Entry<Object, Bucket>> rest = sweep;
    if (rest == null) {
      rest = own.entrySet().iterator();
    }
    for (long i = 0; i < part && rest.hasNext(); i++) {
      Map.Entry<Object, Bucket> entry = rest.next();
      if (entry.getValue().endIfFull(policy.limit(), now)) {
        own.remove(entry.getKey(), entry.getValue());
      }
    }
    sweep = rest.hasNext() ? rest : null;
  }
}
