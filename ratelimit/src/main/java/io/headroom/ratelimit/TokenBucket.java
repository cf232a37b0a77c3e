package io.headroom.ratelimit;

import io.headroom.TimeSource;
import java.util.Objects;

/**
 * One limit for all who ask, as fast as a limit can be: for a client of another service, a job, a
 * process as a whole. For a limit per user or address see {@link RateLimiter}.
 *
 * <pre>{@code
 * TokenBucket search = TokenBucket.of("search", Limit.perSecond(100).burst(50));
 *
 * if (search.tryAcquire().allowed()) {
 *   // 50 of these at once, and then one each 10 ms
 * }
 * }</pre>
 *
 * <p>In any time at most the burst and what flows in meanwhile is admitted, by the readings of the
 * clock, whatever the clock does: if it goes back, callers are refused until it is where it was.
 * Nothing here waits, and a refusal writes nothing, so that a flood of refused callers slows nobody
 * down. Nothing is counted or told to listeners either: that is {@link RateLimiter}'s.
 *
 * <p>Thread-safe and lock-free; one compare-and-set per admission.
 */
public final class TokenBucket {

  private final Policy policy;
  private final TimeSource time;
  private final Bucket bucket;

  private TokenBucket(Policy policy, TimeSource time) {
    this.bucket = new Alone(policy.limit(), time.nanoTime());
    this.policy = policy;
    this.time = time;
  }

  /**
   * Creates a full bucket.
   *
   * @param name what its decisions call it
   * @param limit what it admits
   * @return the bucket
   */
  public static TokenBucket of(String name, Limit limit) {
    return of(name, limit, TimeSource.system());
  }

  /**
   * Creates a full bucket with a clock of its own.
   *
   * @param name what its decisions call it
   * @param limit what it admits
   * @param time its clock
   * @return the bucket
   */
  public static TokenBucket of(String name, Limit limit, TimeSource time) {
    return new TokenBucket(
        new Policy(name, limit), Objects.requireNonNull(time, "time must not be null"));
  }

  /**
   * Takes one permit if there is one.
   *
   * @return whether the caller may go on
   */
  public Decision tryAcquire() {
    return tryAcquire(1);
  }

  /**
   * Takes permits if there are so many; all or none.
   *
   * @param permits how many, 1 or more; if they are more than the capacity, the decision says that
   *     it is never possible
   * @return whether the caller may go on
   * @throws IllegalArgumentException if it is 0 or less
   */
  public Decision tryAcquire(long permits) {
    Permits.require(permits);
    long now = time.nanoTime();
    long result = bucket.acquire(policy.limit(), now, permits);
    return bucket.decision(policy, result, now, permits);
  }

  /**
   * Returns its name and limit.
   *
   * @return as it was created
   */
  public Policy policy() {
    return policy;
  }

  @Override
  public String toString() {
    return "TokenBucket[" + policy + "]";
  }

  /** Keeps what the heap puts behind it off the cache line that all threads write to. */
  @SuppressWarnings("unused") // the fields are room
  private static final class Alone extends Bucket {

    private long p00, p01, p02, p03, p04, p05, p06, p07;
    private long p08, p09, p10, p11, p12, p13, p14, p15;

    Alone(Limit limit, long now) {
      super(limit, now, 0);
    }
  }
}
