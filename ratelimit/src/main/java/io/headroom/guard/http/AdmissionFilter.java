package io.headroom.guard.http;

import io.headroom.RequestContext;
import io.headroom.RetryLater;
import io.headroom.guard.Admission;
import io.headroom.guard.ConnectionGuard;
import io.headroom.ratelimit.http.RateLimitHeaders;
import io.headroom.ratelimit.servlet.Release;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A servlet filter that asks a guard whether a request may go on, before anything is done for it,
 * and answers for those that may not: status 503, {@code Retry-After}, and a {@link
 * CapacityProblem}.
 *
 * <pre>{@code
 * AdmissionFilter filter =
 *     AdmissionFilter.builder(guard)
 *         .criticality(request -> isCheckout(request) ? Criticality.CRITICAL : Criticality.STANDARD)
 *         .user(HttpServletRequest::getRemoteUser) // null: not logged in
 *         .timeout(Duration.ofSeconds(2))
 *         .build();
 * }</pre>
 *
 * <p>What it knows of the request it attaches as a {@link RequestContext} for the rest of the
 * chain, derived from the one that is attached already if one is, and again where the request is
 * dispatched asynchronously or to an error page. (Other threads that a request uses get it by
 * {@link RequestContext#wrap(Runnable)}.)
 *
 * <p>A {@link RetryLater} that comes out of the chain, as itself or as a cause, gets the same
 * answer in the place of all that was written, headers too, if nothing has left for the client yet,
 * and if the request has not gone asynchronous: a {@link io.headroom.guard.PoolRefusedException},
 * say, or what routing throws while there is no primary, or no replica fresh enough, and sharding
 * at a slot's cut-over. Else it is let through, as is all else that is thrown.
 *
 * <p>An admission ends when the request does, once: when the rest of the chain returns or throws
 * or, if the request has gone asynchronous, when that is complete, fails or times out. A request is
 * decided on once, wherever it is dispatched to. Includes pass, and error pages of requests that
 * were not decided on. If something here throws, as the function for the user may, the request
 * fails.
 *
 * <p>Clients are not told why they are refused: a {@link io.headroom.guard.GuardListener} is. Map
 * the filter before what is costly, and behind what says who the user is; register it with support
 * for asynchronous requests where there are any, and for the dispatcher types {@code ASYNC} and
 * {@code ERROR} if those use pools.
 *
 * <p>Thread-safe. Needs the servlet API, 6.0 or newer.
 */
@SuppressWarnings("exports") // The servlet API is optional: who has filters requires it himself
public final class AdmissionFilter implements Filter {

  /** More than anybody wraps an exception in, and an end for causes that go round in a circle. */
  private static final int MOST_CAUSES = 32;

  private static final byte[] BODY = CapacityProblem.json().getBytes(StandardCharsets.US_ASCII);

  private final ConnectionGuard guard;
  private final RequestFacts facts;
  private final RateLimitHeaders headers;

  /** Of a request that was decided on. */
  private final String attribute = "io.headroom.guard.http." + UUID.randomUUID();

  AdmissionFilter(ConnectionGuard guard, RequestFacts facts, RateLimitHeaders headers) {
    this.guard = guard;
    this.facts = facts;
    this.headers = headers;
  }

  /**
   * Starts a filter.
   *
   * @param guard is asked for each request
   * @return a builder
   */
  public static AdmissionFilterBuilder builder(ConnectionGuard guard) {
    return new AdmissionFilterBuilder(guard);
  }

  /**
   * A request that was decided on.
   *
   * @param context its context
   * @param before the headers that its answer had when it came here
   */
  private record Decided(RequestContext context, Map<String, List<String>> before) {}

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest asks
        && response instanceof HttpServletResponse gets) {
      DispatcherType type = request.getDispatcherType();
      if (request.getAttribute(attribute) instanceof Decided decided) {
        if (type == DispatcherType.ASYNC || type == DispatcherType.ERROR) {
          goOn(decided, asks, gets, chain);
          return;
        }
      } else if (type != DispatcherType.INCLUDE && type != DispatcherType.ERROR) {
        decide(asks, gets, chain);
        return;
      }
    }
    chain.doFilter(request, response);
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private void goOn(
      Decided decided, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try (RequestContext.Scope scope = decided.context().attach()) {
      serve(decided, request, response, chain);
    }
  }

  @SuppressWarnings("try") // as above
  private void decide(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Decided decided = new Decided(facts.contextOf(request), headersOf(response));
    request.setAttribute(attribute, decided);
    try (RequestContext.Scope scope = decided.context().attach()) {
      Admission admission = guard.admit();
      if (!admission.allowed()) {
        refuse(response, admission.retryAfter());
        return;
      }
      boolean goesOn = false;
      try {
        serve(decided, request, response, chain);
        goesOn = Release.atEndOf(request, admission::close);
      } finally {
        if (!goesOn) {
          admission.close();
        }
      }
    }
  }

  private void serve(
      Decided decided, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      chain.doFilter(request, response);
    } catch (Exception thrown) {
      RetryLater later = laterIn(thrown);
      // Somebody may be writing the answer of a request that has gone asynchronous.
      if (later == null || response.isCommitted() || request.isAsyncStarted()) {
        throw thrown;
      }
      Duration retryAfter = later.retryAfter();
      response.reset(); // or the answer might be cached, or be taken for compressed
      decided
          .before()
          .forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
      refuse(response, retryAfter);
    }
  }

  private static @Nullable RetryLater laterIn(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
      if (cause instanceof RetryLater later) {
        return later;
      }
      cause = cause.getCause();
    }
    return null;
  }

  private void refuse(HttpServletResponse response, Duration retryAfter) throws IOException {
    response.setStatus(CapacityProblem.STATUS);
    response.setHeader(RateLimitHeaders.RETRY_AFTER, Long.toString(headers.retryAfter(retryAfter)));
    response.setContentType(CapacityProblem.MEDIA_TYPE);
    response.setContentLength(BODY.length);
    response.getOutputStream().write(BODY);
  }

  private static Map<String, List<String>> headersOf(HttpServletResponse response) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (String name : response.getHeaderNames()) {
      all.put(name, List.copyOf(response.getHeaders(name)));
    }
    return all;
  }

  @Override
  public String toString() {
    return "AdmissionFilter[" + guard + "]";
  }
}
