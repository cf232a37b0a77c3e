package io.headroom.ratelimit.http;

import io.headroom.ratelimit.ConcurrencyPermit;
import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.Policy;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A servlet filter that asks limiters whether a request may go on, and answers for those that may
 * not: status 429, the {@link RateLimitHeaders}, and a {@link RateLimitProblem}.
 *
 * <pre>{@code
 * RateLimitFilter filter =
 *     RateLimitFilter.<Caller>builder(request -> new Caller(address.apply(request), userOf(request)))
 *         .limiter(door)
 *         .concurrency(connections)
 *         .build();
 * }</pre>
 *
 * <p>The concurrency limit is asked first, and nothing is debited by a request that either of the
 * two refuses. A permit goes back when the request ends, once: when the rest of the chain returns
 * or throws or, if the request has gone asynchronous, when that is complete, fails or times out.
 * (After a time-out a servlet may still write its answer; it has no permit then.)
 *
 * <p>A request is decided on once, wherever it is dispatched to: by a forward, by an asynchronous
 * dispatch, or to an error page, which gets the headers of the decision again, since servers may
 * clear them. Includes pass, and error pages of requests that were not decided on.
 *
 * <p>If something here throws, as the function for the subject may, the request fails, and no
 * permit is kept. Map the filter before what is costly, and behind what says who the user is;
 * register it with support for asynchronous requests where there are any.
 *
 * <p>Thread-safe. Needs the servlet API, 6.0 or newer, which nothing else in this module does.
 */
@SuppressWarnings("exports") // The servlet API is optional: who has filters requires it himself
public final class RateLimitFilter implements Filter {

  private final Door<?> door;
  private final RateLimitHeaders headers;
  private final boolean onlyRefusals;

  /** Of a request that was decided on: the headers that its answer has. */
  private final String attribute = "io.headroom.ratelimit.http." + UUID.randomUUID();

  RateLimitFilter(Door<?> door, RateLimitHeaders headers, boolean onlyRefusals) {
    this.door = door;
    this.headers = headers;
    this.onlyRefusals = onlyRefusals;
  }

  /**
   * Starts a filter.
   *
   * @param subject what the limiters are asked with, such as a record of the address and the user;
   *     null lets a request pass unasked
   * @param <R> the type of subjects
   * @return a builder
   */
  public static <R> RateLimitFilterBuilder<R> builder(
      Function<? super HttpServletRequest, ? extends @Nullable R> subject) {
    return new RateLimitFilterBuilder<>(subject);
  }

  /**
   * Returns a function that finds the client's address in a request.
   *
   * @param address says which proxies are believed
   * @return gives {@link ClientAddress#of} of a request
   */
  public static Function<HttpServletRequest, String> addressBy(ClientAddress address) {
    Objects.requireNonNull(address, "address must not be null");
    return request ->
        address.of(request.getRemoteAddr(), name -> Collections.list(request.getHeaders(name)));
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest asks
        && response instanceof HttpServletResponse gets) {
      Object earlier = request.getAttribute(attribute);
      if (earlier instanceof Told told) {
        if (request.getDispatcherType() == DispatcherType.ERROR) {
          told.addTo(gets);
        }
      } else if (isBegun(request.getDispatcherType())) {
        decide(asks, gets, chain);
        return;
      }
    }
    chain.doFilter(request, response);
  }

  private static boolean isBegun(DispatcherType type) {
    return type != DispatcherType.INCLUDE && type != DispatcherType.ERROR;
  }

  private void decide(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Door.Answer answer = door.ask(request);
    if (answer == null) {
      request.setAttribute(attribute, Told.NOTHING);
      chain.doFilter(request, response);
    } else if (answer.allowed()) {
      serve(request, response, chain, answer);
    } else {
      refuse(request, response, answer);
    }
  }

  private void serve(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      Door.Answer answer)
      throws IOException, ServletException {
    ConcurrencyPermit permit = answer.permit();
    boolean goesOn = false;
    try {
      Told told = onlyRefusals ? Told.NOTHING : told(door.told(), answer);
      request.setAttribute(attribute, told);
      told.addTo(response);
      chain.doFilter(request, response);
      goesOn = permit != null && Release.atEndOf(request, permit::close);
    } finally {
      if (permit != null && !goesOn) {
        permit.close();
      }
    }
  }

  private void refuse(HttpServletRequest request, HttpServletResponse response, Door.Answer answer)
      throws IOException {
    List<Policy> policies = door.told();
    Told told = told(policies, answer);
    request.setAttribute(attribute, told);
    response.setStatus(RateLimitProblem.STATUS);
    told.addTo(response);
    List<String> violated =
        answer.decisions().stream()
            .flatMap(decision -> decision.policy().stream())
            .map(Policy::name)
            .filter(name -> policies.stream().anyMatch(policy -> policy.name().equals(name)))
            .toList();
    byte[] body = RateLimitProblem.json(violated).getBytes(StandardCharsets.US_ASCII);
    response.setContentType(RateLimitProblem.MEDIA_TYPE);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private Told told(List<Policy> policies, Door.Answer answer) {
    return new Told(headers.of(policies, answer.decisions().toArray(new Decision[0])));
  }

  /** The headers that an answer has. */
  private record Told(Map<String, String> fields) {

    static final Told NOTHING = new Told(Map.of());

    /** Adds what is not there: another filter may tell of its policies too. */
    void addTo(HttpServletResponse response) {
      fields.forEach(
          (name, value) -> {
            if (name.equals(RateLimitHeaders.RETRY_AFTER)) {
              response.setHeader(name, value);
            } else if (!response.getHeaders(name).contains(value)) {
              response.addHeader(name, value);
            }
          });
    }
  }

  @Override
  public String toString() {
    return "RateLimitFilter[" + door + "]";
  }
}
