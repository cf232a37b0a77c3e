package io.headroom.spring.boot;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.routing.ReplicaDataSource;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;

/**
 * Makes each request's {@link RequestContext} before anything is done for it: how much it matters,
 * how long it has, who asks, and what its client has seen; and tells the client what it has seen by
 * its end.
 *
 * <p>The context is attached for the rest of the chain, and again where the request is dispatched
 * asynchronously or to an error page. Thread-safe.
 */
final class ContextFilter implements Filter {

  private final RequestProperties properties;
  private final RequestUser user;

  /** Null where nothing is told. */
  private final @Nullable SeenTokens tokens;

  private final Paths critical;
  private final Paths sheddable;
  private final Paths exempt;

  /** Of a request whose context was made. */
  private final String attribute = "io.headroom.spring.boot." + UUID.randomUUID();

  private record Begun(RequestContext context, SeenTokens.@Nullable Seen seen) {}

  ContextFilter(
      RequestProperties properties, RequestUser user, @Nullable SeenTokens tokens, Paths exempt) {
    this.properties = properties;
    this.user = user;
    this.tokens = tokens;
    this.critical = Paths.of("headroom.request.critical", properties.critical());
    this.sheddable = Paths.of("headroom.request.sheddable", properties.sheddable());
    this.exempt = exempt;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest asks
        && response instanceof HttpServletResponse gets
        && request.getDispatcherType() != DispatcherType.INCLUDE) {
      Begun begun = asks.getAttribute(attribute) instanceof Begun known ? known : begin(asks);
      goOn(begun, asks, gets, chain);
    } else {
      chain.doFilter(request, response);
    }
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private void goOn(
      Begun begun, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try (RequestContext.Scope scope = begun.context().attach()) {
      SeenTokens.Seen seen = begun.seen();
      if (seen == null) {
        chain.doFilter(request, response);
        return;
      }
      SeenResponse known = SeenResponse.in(response);
      SeenResponse telling = known == null ? new SeenResponse(response, seen) : known;
      chain.doFilter(request, known == null ? telling : response);
      if (!request.isAsyncStarted()) {
        telling.tell();
      }
    }
  }

  private Begun begin(HttpServletRequest request) {
    RequestContext.Builder builder =
        RequestContext.attached().map(RequestContext::toBuilder).orElseGet(RequestContext::builder);
    PathContainer path = Paths.of(request);
    if (exempt.match(path) || critical.match(path)) {
      builder.criticality(Criticality.CRITICAL);
    } else if (sheddable.match(path)) {
      builder.criticality(Criticality.SHEDDABLE);
    }
    Object who = user.of(request);
    if (who != null) {
      builder.cohortOf(who);
    }
    if (properties.timeout() != null) {
      builder.timeout(properties.timeout());
    }
    if (properties.autocommitReads()) {
      builder.with(ReplicaDataSource.AUTOCOMMIT_READS, true);
    }
    RequestContext context = builder.build();
    Begun begun = new Begun(context, tokens == null ? null : tokens.begin(request, context));
    request.setAttribute(attribute, begun);
    return begun;
  }
}
