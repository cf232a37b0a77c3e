package io.headroom.ratelimit;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * May this caller go on? Limits by user, by address, for all together: as many policies as wanted,
 * in one decision.
 *
 * <pre>{@code
 * RateLimiter<String> perUser =
 *     RateLimiter.<String>builder("user").limit(Limit.perSecond(1000)).build();
 *
 * RateLimiter<Request> door =
 *     RateLimiter.<Request>builder("door")
 *         .policy("address", Limit.perSecond(100).burst(50), Request::address)
 *         .policy("user", Limit.perSecond(1000), Request::user) // null: not logged in, no limit
 *         .policy("all", Limit.perSecond(50_000))
 *         .build();
 *
 * Decision decision = door.tryAcquire(request);
 * }</pre>
 *
 * <p><b>Promises.</b> In any time, a key is admitted at most its burst and what flows in meanwhile,
 * exactly ({@link Limit}). Of several policies all are debited, or none is. Nothing waits for
 * permits. A key's bucket goes when it is full, and never for want of room: beyond {@link
 * RateLimiterBuilder#maximumKeys} new keys share one bucket instead.
 *
 * <p>With one policy there is no lock, and one compare-and-set per admission. With several, the
 * subject's own buckets are locked while they are debited; refusals need no lock then either.
 * Sweeping needs no thread: every tenth of a second one caller looks at a small part of the
 * buckets. A key costs about 70 bytes beside itself.
 *
 * <p>Thread-safe.
 *
 * @param <R> the type of subjects: what a caller is known by, such as a user's id or a request
 */
public final class RateLimiter<R> {

  private final String name;
  private final Decider<R> decider;
  private final Listeners listeners;

  /** How many permits the current request pays for each that it wants; null if always one. */
  private final @Nullable IntSupplier factor;

  RateLimiter(String name, Decider<R> decider, Listeners listeners, @Nullable IntSupplier factor) {
    this.name = name;
    this.decider = decider;
    this.listeners = listeners;
    this.factor = factor;
  }

  /**
   * Starts a limiter.
   *
   * @param name what logs, metrics and errors call it
   * @param <R> the type of subjects
   * @return a builder
   */
  public static <R> RateLimiterBuilder<R> builder(String name) {
    return new RateLimiterBuilder<>(name);
  }

  /**
   * Takes one permit if there is one.
   *
   * @param subject who asks
   * @return whether it may go on
   */
  public Decision tryAcquire(R subject) {
    return tryAcquire(subject, 1);
  }

  /**
   * Takes permits if there are so many; all or none.
   *
   * @param subject who asks
   * @param permits how many, 1 or more; if they are more than a policy's capacity, the decision
   *     says that it is never possible
   * @return whether it may go on
   * @throws IllegalArgumentException if {@code permits} is 0 or less
   */
  public Decision tryAcquire(R subject, long permits) {
    Objects.requireNonNull(subject, "subject must not be null");
    Permits.require(permits);
    Decision decision = decider.decide(subject, permits, factor());
    listeners.tell(decision);
    return decision;
  }

  /**
   * As {@link #tryAcquire(Object)}, without waiting for Redis, where the buckets are there.
   *
   * @param subject who asks
   * @return whether it may go on; as {@link #tryAcquireAsync(Object, long)}
   */
  public CompletableFuture<Decision> tryAcquireAsync(R subject) {
    return tryAcquireAsync(subject, 1);
  }

  /**
   * As {@link #tryAcquire(Object, long)}, without waiting for Redis, where the buckets are there.
   * What Redis has to be asked for is decided, and told to listeners and to whatever follows on the
   * future, by {@link java.util.concurrent.ForkJoinPool#commonPool()}, never by a thread that Redis
   * is read with; all else by the caller's.
   *
   * @param subject who asks
   * @param permits how many, 1 or more
   * @return whether it may go on; it fails with nothing but what functions for keys and tags, or
   *     the load signal, throw. To cancel it gives nothing back, and listeners are told all the
   *     same
   * @throws IllegalArgumentException if {@code permits} is 0 or less
   */
  public CompletableFuture<Decision> tryAcquireAsync(R subject, long permits) {
    Objects.requireNonNull(subject, "subject must not be null");
    Permits.require(permits);
    CompletableFuture<Decision> decided;
    try {
      decided = decider.decideAsync(subject, permits, factor());
    } catch (RuntimeException thrown) { // by a function or a load signal of the user's
      return CompletableFuture.failedFuture(thrown);
    }
    return decided
        .thenApply(
            decision -> {
              listeners.tell(decision);
              return decision;
            })
        .copy(); // whoever cancels it leaves the other to itself
  }

  /**
   * Takes one permit, or throws.
   *
   * @param subject who asks
   * @return the decision, which allows it
   * @throws RateLimitedException if there is none
   */
  public Decision acquireOrThrow(R subject) {
    Decision decision = tryAcquire(subject);
    if (!decision.allowed()) {
      throw new RateLimitedException(name, decision);
    }
    return decision;
  }

  /**
   * Changes a limit while callers go on asking. What they have used of the old one they have used
   * of the new: each bucket lacks as many permits as before (rounded up to what is counted in), but
   * no more than it now holds. Takes a moment for many keys, in which nobody else waits for it.
   * Limits in Redis change for this process: call it in each.
   *
   * @param policy the policy's name
   * @param limit its new limit
   * @throws IllegalArgumentException if there is no such policy
   */
  public void changeLimit(String policy, Limit limit) {
    Objects.requireNonNull(limit, "limit must not be null");
    List<Policy> known = policies();
    for (int i = 0; i < known.size(); i++) {
      if (known.get(i).name().equals(policy)) {
        decider.changeLimit(i, limit);
        return;
      }
    }
    throw new IllegalArgumentException(
        "limiter '"
            + name
            + "' has no policy '"
            + policy
            + "', but "
            + known.stream().map(Policy::name).toList());
  }

  /**
   * Returns the policies with the limits that hold now.
   *
   * @return in their order
   */
  public List<Policy> policies() {
    return decider.policies();
  }

  /**
   * Tells whether the limiter only looks.
   *
   * @return true if it was built with {@link RateLimiterBuilder#shadow}
   */
  public boolean isShadow() {
    return decider.isShadow();
  }

  /**
   * Returns the limiter's name.
   *
   * @return as it was built
   */
  public String name() {
    return name;
  }

  private int factor() {
    return factor == null ? 1 : factor.getAsInt();
  }

  boolean hasLoadSignal() {
    return factor != null;
  }

  Decider<R> decider() {
    return decider;
  }

  @Override
  public String toString() {
    return "RateLimiter['" + name + "', " + policies() + "]";
  }
}
