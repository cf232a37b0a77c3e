package io.headroom.ratelimit.http;

import io.headroom.ratelimit.ConcurrencyLimiter;
import io.headroom.ratelimit.Policy;
import io.headroom.ratelimit.RateLimiter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Says what a {@link RateLimitFilter} asks, and tells. Each option may be set once. Not
 * thread-safe.
 *
 * @param <R> the type of subjects
 */
@SuppressWarnings("exports") // as in RateLimitFilter
public final class RateLimitFilterBuilder<R> {

  private final Function<? super HttpServletRequest, ? extends @Nullable R> subject;
  private final Set<String> set = new HashSet<>();
  private final Set<String> hidden = new HashSet<>();
  private ToLongFunction<? super HttpServletRequest> cost = request -> 1;
  private @Nullable RateLimiter<R> limiter;
  private @Nullable ConcurrencyLimiter<R> concurrency;
  private RateLimitHeaders headers = RateLimitHeaders.standard();
  private boolean onlyRefusals;

  RateLimitFilterBuilder(Function<? super HttpServletRequest, ? extends @Nullable R> subject) {
    this.subject = Objects.requireNonNull(subject, "subject must not be null");
  }

  /**
   * Sets the limit on how many requests there may be in a time.
   *
   * @param limiter is asked for each request
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimitFilterBuilder<R> limiter(RateLimiter<R> limiter) {
    once("limiter");
    this.limiter = Objects.requireNonNull(limiter, "limiter must not be null");
    return this;
  }

  /**
   * Sets the limit on how many requests there may be at once.
   *
   * @param concurrency is asked for each request, before the limiter
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimitFilterBuilder<R> concurrency(ConcurrencyLimiter<R> concurrency) {
    once("concurrency");
    this.concurrency = Objects.requireNonNull(concurrency, "concurrency must not be null");
    return this;
  }

  /**
   * Sets what a request costs; 1 unless set.
   *
   * @param permits gives how many permits of the limiter it takes, 1 or more
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimitFilterBuilder<R> cost(ToLongFunction<? super HttpServletRequest> permits) {
    once("cost");
    this.cost = Objects.requireNonNull(permits, "permits must not be null");
    return this;
  }

  /**
   * Keeps a policy from clients: its limit, what is left of it, and its name. They are still told
   * when to come back. For limits that say how much it takes to fill the service, such as one for
   * all callers together, and for names that are not ASCII.
   *
   * @param policy its name
   * @return this builder
   * @throws IllegalStateException if it is hidden already
   */
  public RateLimitFilterBuilder<R> hide(String policy) {
    once("hidden policy '" + policy + "'");
    hidden.add(policy);
    return this;
  }

  /**
   * Leaves the answers to admitted requests as they are. Unless this is set, they tell what is
   * left, so that clients can slow down before they are refused.
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimitFilterBuilder<R> onlyRefusals() {
    once("onlyRefusals");
    onlyRefusals = true;
    return this;
  }

  /**
   * Sets how headers are written; {@link RateLimitHeaders#standard} unless set.
   *
   * @param headers with another jitter
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimitFilterBuilder<R> headers(RateLimitHeaders headers) {
    once("headers");
    this.headers = Objects.requireNonNull(headers, "headers must not be null");
    return this;
  }

  /**
   * Builds the filter.
   *
   * @return the filter
   * @throws IllegalStateException if there is neither a limiter nor a concurrency limit, or if two
   *     of their policies have the same name
   * @throws IllegalArgumentException if a hidden policy is none of theirs, or if the name of one
   *     that is not hidden has other characters than printable ASCII
   */
  public RateLimitFilter build() {
    if (limiter == null && concurrency == null) {
      throw new IllegalStateException(
          "filter: there is nothing to ask; call limiter or concurrency");
    }
    List<Policy> policies = new ArrayList<>();
    if (limiter != null) {
      policies.addAll(limiter.policies());
    }
    if (concurrency != null) {
      policies.add(concurrency.policy());
    }
    check(policies);
    Door<R> door = new Door<>(subject, cost, limiter, concurrency, Set.copyOf(hidden));
    return new RateLimitFilter(door, headers, onlyRefusals);
  }

  private void check(List<Policy> policies) {
    Set<String> names = new HashSet<>();
    for (Policy policy : policies) {
      if (!names.add(policy.name())) {
        throw new IllegalStateException(
            "filter: two policies are called '" + policy.name() + "'; clients tell them by name");
      }
      if (!hidden.contains(policy.name())) {
        RateLimitHeaders.requireTellable(policy);
      }
    }
    for (String name : hidden) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "hide must name a policy, was '" + name + "'; there are " + names);
      }
    }
  }

  private void once(String option) {
    if (!set.add(option)) {
      throw new IllegalStateException("filter: " + option + " is set twice: set it once");
    }
  }
}
