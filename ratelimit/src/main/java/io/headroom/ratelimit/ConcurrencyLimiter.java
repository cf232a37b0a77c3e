package io.headroom.ratelimit;

import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How many may be at it at once: connections of an address, exports of a tenant.
 *
 * <pre>{@code
 * ConcurrencyLimiter<Request> connections =
 *     ConcurrencyLimiter.<Request>builder("connections", 20).key(Request::address).build();
 *
 * try (ConcurrencyPermit permit = connections.tryAcquire(request)) {
 *   return permit.decision().allowed() ? serve(request) : tooManyRequests();
 * }
 * }</pre>
 *
 * <p>A key has at most so many permits out at a time, and costs memory only while it has one.
 * Nothing waits: who gets no permit is told so. When to come back nobody can tell, so {@link
 * Decision#retryAfter} is zero.
 *
 * <p>Thread-safe.
 *
 * @param <R> the type of subjects: what a caller is known by
 */
public final class ConcurrencyLimiter<R> {

  private final Function<? super R, ? extends @Nullable Object> key;
  private final Listeners listeners;
  private final boolean shadow;
  private final PolicyCounts counts;
  private final ConcurrentHashMap<Object, InUse> inUse = new ConcurrentHashMap<>();
  private volatile Policy policy;

  /** What a key has out. Changed in the map's lock for the key only. */
  private static final class InUse {

    int permits;
  }

  ConcurrencyLimiter(
      Policy policy,
      Function<? super R, ? extends @Nullable Object> key,
      Listeners listeners,
      boolean shadow) {
    this.policy = policy;
    this.key = key;
    this.listeners = listeners;
    this.shadow = shadow;
    this.counts = new PolicyCounts(policy.name());
  }

  /**
   * Starts a limiter.
   *
   * @param name what logs, metrics and errors call it
   * @param atOnce how many permits a key may have out at a time, 1 or more
   * @param <R> the type of subjects
   * @return a builder
   * @throws IllegalArgumentException if {@code atOnce} is 0 or less
   */
  public static <R> ConcurrencyLimiterBuilder<R> builder(String name, int atOnce) {
    return new ConcurrencyLimiterBuilder<>(name, atOnce);
  }

  /**
   * Takes a permit if there is one.
   *
   * @param subject who asks
   * @return says whether it may go on; to be closed when it has ended, whatever it says
   */
  public ConcurrencyPermit tryAcquire(R subject) {
    Objects.requireNonNull(subject, "subject must not be null");
    Object holder = key.apply(subject);
    Decision decision = holder == null ? Decision.unlimited(1) : decide(holder);
    boolean taken = holder != null && decision.allowed();
    listeners.tell(decision);
    return new ConcurrencyPermit(decision, taken ? () -> giveBack(holder) : null);
  }

  private Decision decide(Object holder) {
    Policy known = policy;
    long most = known.limit().capacity();
    long[] result = new long[1];
    inUse.compute(
        holder,
        (any, present) -> {
          InUse use = present == null ? new InUse() : present;
          boolean free = use.permits < most;
          if (free || shadow) {
            use.permits++;
          }
          result[0] = free ? use.permits : ~use.permits;
          return use;
        });
    Decision decision = Decision.of(known, 1, result[0], 0);
    Decision told = shadow ? decision.shadowed() : decision;
    counts.add(told, false);
    return told;
  }

  private void giveBack(Object holder) {
    inUse.computeIfPresent(holder, (any, use) -> --use.permits == 0 ? null : use);
  }

  /**
   * Changes how many may be at it at once. Permits that are out stay so.
   *
   * @param atOnce how many, 1 or more
   * @throws IllegalArgumentException if it is 0 or less
   */
  public void changeLimit(int atOnce) {
    policy = new Policy(policy.name(), ConcurrencyLimiterBuilder.limit(atOnce));
  }

  /**
   * Returns its name, and how many it admits at once.
   *
   * @return as it holds now
   */
  public Policy policy() {
    return policy;
  }

  /**
   * Tells whether the limiter only looks.
   *
   * @return true if it was built with {@link ConcurrencyLimiterBuilder#shadow}
   */
  public boolean isShadow() {
    return shadow;
  }

  PolicyCounts counts() {
    return counts;
  }

  long keys() {
    return inUse.mappingCount();
  }

  @Override
  public String toString() {
    return "ConcurrencyLimiter[" + policy + "]";
  }
}
