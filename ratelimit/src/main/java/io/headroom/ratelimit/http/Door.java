package io.headroom.ratelimit.http;

import io.headroom.ratelimit.ConcurrencyLimiter;
import io.headroom.ratelimit.ConcurrencyPermit;
import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.Policy;
import io.headroom.ratelimit.RateLimiter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The limiters of a filter, asked in one.
 *
 * <p>Thread-safe.
 *
 * @param <R> the type of subjects
 * @param hidden the names of the policies that clients are not told of
 */
record Door<R>(
    Function<? super HttpServletRequest, ? extends @Nullable R> subject,
    ToLongFunction<? super HttpServletRequest> cost,
    @Nullable RateLimiter<R> limiter,
    @Nullable ConcurrencyLimiter<R> concurrency,
    Set<String> hidden) {

  /**
   * What the limiters said.
   *
   * @param decisions of both, if both admitted the request; else the refusal
   * @param permit to be closed when the request ends; null if none was given
   */
  record Answer(List<Decision> decisions, @Nullable ConcurrencyPermit permit) {

    boolean allowed() {
      return decisions.get(decisions.size() - 1).allowed();
    }
  }

  /** Asks; null if the request is nobody's. */
  @Nullable Answer ask(HttpServletRequest request) {
    R who = subject.apply(request);
    if (who == null) {
      return null;
    }
    if (concurrency == null) {
      return new Answer(List.of(rate(who, request)), null);
    }
    ConcurrencyPermit permit = concurrency.tryAcquire(who);
    boolean kept = false;
    try {
      Decision place = permit.decision();
      if (!place.allowed() || limiter == null) {
        kept = place.allowed();
        return new Answer(List.of(place), permit);
      }
      Decision rate = rate(who, request);
      kept = rate.allowed();
      return new Answer(kept ? List.of(rate, place) : List.of(rate), permit);
    } finally {
      if (!kept) {
        permit.close();
      }
    }
  }

  private Decision rate(R who, HttpServletRequest request) {
    if (limiter == null) {
      throw new IllegalStateException("the filter has no limiter"); // its builder sees to it
    }
    long permits = cost.applyAsLong(request);
    if (permits < 1) {
      throw new IllegalStateException(
          "the filter's cost of a request must be 1 or more, was "
              + permits
              + ": for one that costs nothing give null as its subject");
    }
    return limiter.tryAcquire(who, permits);
  }

  /** The policies that clients may know of, as they are now. */
  List<Policy> told() {
    List<Policy> told = new ArrayList<>();
    if (limiter != null && !limiter.isShadow()) {
      told.addAll(limiter.policies());
    }
    if (concurrency != null && !concurrency.isShadow()) {
      told.add(concurrency.policy());
    }
    told.removeIf(policy -> hidden.contains(policy.name()));
    return told;
  }
}
