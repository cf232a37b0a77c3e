package io.headroom.ratelimit;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a caller may go on; if not, who says so and when to come back.
 *
 * <pre>{@code
 * Decision decision = perUser.tryAcquire(userId);
 * if (!decision.allowed()) {
 *   return tooManyRequests(decision.retryAfter());
 * }
 * }</pre>
 *
 * <p>Times count from the clock reading that the decision was made at, and are exact to a tick of
 * that clock (a nanosecond; in Redis, a microsecond): if nobody else asks meanwhile, the same call
 * at the same {@link #price} is admitted {@link #retryAfter} later, and refused a tick before that.
 * Where several policies apply, the decision names the one that makes the caller wait longest or,
 * if it was admitted, the one that has the least left.
 *
 * <p>Immutable and thread-safe. It is small, and is reckoned out only as far as it is asked.
 */
public final class Decision {

  /** As long as a long of nanoseconds can tell: 292 years. */
  private static final long NEVER = Long.MAX_VALUE;

  /** The one that decided; null if none applies. */
  private final @Nullable Policy policy;

  /** Asked for. */
  private final long permits;

  /** What they cost: so many are debited, or were not there. */
  private final long price;

  /** Units that the bucket lacks: after an admission, or the complement of what a refused found. */
  private final long result;

  /** How long the clock needs to get back to where the debt was reckoned; mostly zero. */
  private final long behindNanos;

  /** The least that any policy has left, in permits, if it is less than what this one has. */
  private final long leastRemaining;

  /** Of the clock: one, or what a microsecond has. */
  private final int tickNanos;

  /** Whether a refusal counts for nothing. */
  private final boolean shadowed;

  /** Whether it was made without Redis, which was to be asked. */
  private final boolean alone;

  private Decision(
      @Nullable Policy policy,
      long permits,
      long price,
      long result,
      long behindNanos,
      long leastRemaining,
      int tickNanos,
      boolean shadowed,
      boolean alone) {
    this.policy = policy;
    this.permits = permits;
    this.price = price;
    this.result = result;
    this.behindNanos = behindNanos;
    this.leastRemaining = leastRemaining;
    this.tickNanos = tickNanos;
    this.shadowed = shadowed;
    this.alone = alone;
  }

  /**
   * What a bucket's answer comes to. (One place that makes them, so that the compiler can do
   * without the object where it is looked at and dropped.)
   *
   * @param result as {@link Bucket#acquire} gives it: the debt if admitted, or its complement
   * @param behindNanos by how much the clock has to go on until the debt is that; until then
   *     nothing is left
   */
  static Decision of(Policy policy, long permits, long result, long behindNanos) {
    long left = behindNanos > 0 ? 0 : Long.MAX_VALUE;
    return new Decision(policy, permits, permits, result, behindNanos, left, 1, false, false);
  }

  /**
   * The same by a clock that ticks in microseconds. Where that is behind, the bucket stays as it
   * is: what is left is to be had.
   */
  static Decision ofMicros(Policy policy, long permits, long result, long behindNanos) {
    int tick = (int) MicroLimit.NANOS_PER_MICRO;
    return new Decision(
        policy, permits, permits, result, behindNanos, Long.MAX_VALUE, tick, false, false);
  }

  /** Of a subject that no policy applies to. */
  static Decision unlimited(long permits) {
    return new Decision(null, permits, permits, 0, 0, Long.MAX_VALUE, 1, false, false);
  }

  /** The same for who wanted so many, at the price of those that this is about. */
  Decision ofWanted(long wanted) {
    return wanted == permits
        ? this
        : new Decision(
            policy, wanted, price, result, behindNanos, leastRemaining, tickNanos, shadowed, alone);
  }

  /** The same, knowing that some policy has no more than this left. */
  Decision withLeastRemaining(long permitsLeft) {
    return permitsLeft >= leastRemaining
        ? this
        : new Decision(
            policy, permits, price, result, behindNanos, permitsLeft, tickNanos, shadowed, alone);
  }

  /** Whether, of two policies' answers to one call, this is the one to be named. */
  boolean decidesBefore(Decision other) {
    return (allowed() && other.allowed())
        ? remaining() < other.remaining()
        : retryAfterNanos() > other.retryAfterNanos();
  }

  /** The same for who only looks at what would be refused. */
  Decision shadowed() {
    return allowed()
        ? this
        : new Decision(
            policy, permits, price, result, behindNanos, leastRemaining, tickNanos, true, alone);
  }

  /** The same, made without Redis. */
  Decision alone() {
    return new Decision(
        policy, permits, price, result, behindNanos, leastRemaining, tickNanos, shadowed, true);
  }

  /**
   * Tells whether the caller may go on.
   *
   * @return also true where it was refused in shadow mode only: see {@link #isShadowed}
   */
  public boolean allowed() {
    return result >= 0 || shadowed;
  }

  /**
   * Tells whether the caller goes on only because the limiter is in shadow mode. Nothing was
   * debited then.
   *
   * @return true if it would have been refused
   */
  public boolean isShadowed() {
    return shadowed;
  }

  /**
   * Tells whether this process decided for itself, since Redis did not answer in time: {@link
   * WhenAway} says how.
   *
   * @return false where nobody was to be asked
   */
  public boolean isAlone() {
    return alone;
  }

  /**
   * Tells whether waiting is in vain, since more is asked for than the bucket ever holds.
   *
   * @return true if the permits are more than the policy's capacity
   */
  public boolean isNeverPossible() {
    return policy != null && permits > policy.limit().capacity();
  }

  /**
   * Returns how much was asked for.
   *
   * @return 1 or more permits
   */
  public long permits() {
    return permits;
  }

  /**
   * Returns how many permits that cost, which is what {@link #remaining} and {@link #retryAfter} go
   * by: so many were debited from each policy that applies or, if it was refused, were not there.
   *
   * @return as many as {@link #permits}; more only for who pays for a load ({@link
   *     RateLimiterBuilder#loadSignal})
   */
  public long price() {
    return price;
  }

  /**
   * Returns how many permits are left, after this decision; of several policies, with the one that
   * has the least.
   *
   * @return whole permits, rounded down; {@link Long#MAX_VALUE} if no policy applies
   */
  public long remaining() {
    if (policy == null) {
      return Long.MAX_VALUE;
    }
    Limit limit = policy.limit();
    long left = (limit.fullUnits - debt()) / limit.unitsPerPermit;
    return Math.max(0, Math.min(left, leastRemaining));
  }

  /**
   * Returns when to come back.
   *
   * @return zero if the call was admitted, or if nobody can tell since it depends on when others
   *     end what they do ({@link ConcurrencyLimiter}); 292 years if it is {@linkplain
   *     #isNeverPossible never possible}
   */
  public Duration retryAfter() {
    return Duration.ofNanos(retryAfterNanos());
  }

  long retryAfterNanos() {
    if (policy == null || result >= 0) {
      return 0;
    }
    Limit limit = policy.limit();
    if (isNeverPossible()) {
      return NEVER;
    }
    if (limit.unitsPerNano == 0) {
      return 0;
    }
    return later(limit.nanosFor(debt() + limit.units(price) - limit.fullUnits));
  }

  /**
   * Returns when the bucket is full again if nobody asks meanwhile.
   *
   * @return zero if it is full, if no policy applies, or if nobody can tell
   */
  public Duration resetAfter() {
    if (policy == null || policy.limit().unitsPerNano == 0) {
      return Duration.ZERO;
    }
    return Duration.ofNanos(later(policy.limit().nanosFor(debt())));
  }

  private long debt() {
    return result >= 0 ? result : ~result;
  }

  /** Negative nanoseconds are before where the clock once was, which is still to come then. */
  private long later(long nanos) {
    if (nanos > NEVER - behindNanos - tickNanos) {
      return NEVER;
    }
    return -Math.floorDiv(-(behindNanos + nanos), tickNanos) * tickNanos;
  }

  /**
   * Returns the policy that decided.
   *
   * @return the one that refused or, if the call was admitted, the one that has the least left;
   *     empty if none applies
   */
  public Optional<Policy> policy() {
    return Optional.ofNullable(policy);
  }

  /**
   * Returns it in words.
   *
   * @return such as {@code refused 1 by 'address' (100 per second, burst 50): try again in 10 ms}
   */
  @Override
  public String toString() {
    if (policy == null) {
      return "admitted " + permits + ", no policy applies";
    }
    String without = alone ? ", without Redis" : "";
    if (result >= 0) {
      return "admitted " + paid() + " by " + policy + ", " + remaining() + " left" + without;
    }
    return (shadowed ? "would have refused " : "refused ")
        + paid()
        + " by "
        + policy
        + without
        + comeBack();
  }

  private String paid() {
    return price == permits ? Long.toString(permits) : permits + " at the price of " + price;
  }

  private String comeBack() {
    if (isNeverPossible()) {
      return ", never possible: more than it ever holds";
    }
    return retryAfterNanos() == 0 ? "" : ": try again in " + millis(retryAfter()) + " ms";
  }

  /** Rounded up: not sooner than said. */
  private static long millis(Duration duration) {
    return duration.plusNanos(999_999).toMillis();
  }
}
