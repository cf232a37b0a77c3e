package io.headroom.guard.http;

import io.headroom.Criticality;
import io.headroom.SetOnce;
import io.headroom.guard.ConnectionGuard;
import io.headroom.ratelimit.http.RateLimitHeaders;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says how an {@link AdmissionFilter} knows what a request is. Each option may be set once. Its
 * functions are called once for each request, on its thread, and must be thread-safe; one that
 * throws lets the request fail. Not thread-safe.
 */
@SuppressWarnings("exports") // as in AdmissionFilter
public final class AdmissionFilterBuilder {

  private static final Duration LONGEST = Duration.ofDays(1);

  private final ConnectionGuard guard;
  private final SetOnce once = new SetOnce("filter");
  private Function<? super HttpServletRequest, ? extends @Nullable Criticality> criticality =
      request -> null;
  private Function<? super HttpServletRequest, ? extends @Nullable Object> user = request -> null;
  private Function<? super HttpServletRequest, ? extends @Nullable String> resource =
      request -> null;
  private @Nullable Duration timeout;
  private RateLimitHeaders headers = RateLimitHeaders.standard();

  AdmissionFilterBuilder(ConnectionGuard guard) {
    this.guard = Objects.requireNonNull(guard, "guard must not be null");
  }

  /**
   * Sets how much a request matters.
   *
   * @param criticality gives it; null leaves it as it is: {@link Criticality#STANDARD}, unless a
   *     context is attached already
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public AdmissionFilterBuilder criticality(
      Function<? super HttpServletRequest, ? extends @Nullable Criticality> criticality) {
    once.setting("criticality");
    this.criticality = Objects.requireNonNull(criticality, "criticality must not be null");
    return this;
  }

  /**
   * Sets who asks, so that under load the same users are refused all the time, and the others
   * served: of requests of nobody in particular it is by chance which.
   *
   * @param user gives the user's key, of a type that {@link io.headroom.KeyHash#ofKey} takes; null
   *     if the user is not known
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public AdmissionFilterBuilder user(
      Function<? super HttpServletRequest, ? extends @Nullable Object> user) {
    once.setting("user");
    this.user = Objects.requireNonNull(user, "user must not be null");
    return this;
  }

  /**
   * Sets how long requests have, from when they come in; no deadline unless set, or attached
   * already. One that is attached and comes sooner stays.
   *
   * @param timeout more than zero, and a day at most
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public AdmissionFilterBuilder timeout(Duration timeout) {
    once.setting("timeout");
    if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "timeout must be more than zero and "
              + LONGEST
              + " at most, was "
              + timeout
              + ": leave it out for requests that may take any time");
    }
    this.timeout = timeout;
    return this;
  }

  /**
   * Sets which pool a request is for, where that can be told at the door: it is then refused if
   * that pool would refuse it, and not only if all would.
   *
   * @param resource gives the name that the guard has the pool by; null if it is not known
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public AdmissionFilterBuilder resource(
      Function<? super HttpServletRequest, ? extends @Nullable String> resource) {
    once.setting("resource");
    this.resource = Objects.requireNonNull(resource, "resource must not be null");
    return this;
  }

  /**
   * Sets how {@code Retry-After} is told; {@link RateLimitHeaders#standard} unless set.
   *
   * @param headers with another jitter
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public AdmissionFilterBuilder headers(RateLimitHeaders headers) {
    once.setting("headers");
    this.headers = Objects.requireNonNull(headers, "headers must not be null");
    return this;
  }

  /**
   * Builds the filter.
   *
   * @return the filter
   */
  public AdmissionFilter build() {
    return new AdmissionFilter(
        guard, new RequestFacts(criticality, user, resource, timeout), headers);
  }
}
