package io.headroom.examples.quickstart.service;

import io.headroom.ConsistencyToken;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.TokenSigner;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The first filter: attaches what Headroom is to know of a request, and keeps in a cookie what its
 * client has seen, so that the next request is not shown less, whichever process it goes to.
 */
final class RequestFilter extends HttpFilter {

  private static final long serialVersionUID = 1;

  private static final String SEEN = "seen";

  /** How long a request has, waits for a failover included. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final transient TokenSigner signer;

  RequestFilter(TokenSigner signer) {
    this.signer = signer;
  }

  @Override
  @SuppressWarnings("try") // the scope is opened for its effect
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    RequestContext context =
        RequestContext.builder().criticality(criticality(request)).timeout(TIMEOUT).build();
    ConsistencyToken before = signer.openOrNone(seenBy(request));
    context.observe(before);
    try (RequestContext.Scope scope = context.attach()) {
      chain.doFilter(request, new Telling(response, context, before));
    }
  }

  /**
   * Gives the client its cookie before the first byte of the answer, which is written when all has
   * been done: a container sends the headers off no later than with the last.
   */
  private final class Telling extends HttpServletResponseWrapper {

    private final RequestContext context;
    private final ConsistencyToken before;

    private Telling(HttpServletResponse response, RequestContext context, ConsistencyToken before) {
      super(response);
      this.context = context;
      this.before = before;
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
      if (!context.isTokenKnown() || !context.knownToken().equals(before)) {
        setHeader(
            "Set-Cookie",
            SEEN + "=" + signer.seal(context.token()) + "; Path=/; HttpOnly; SameSite=Lax");
      }
      return super.getOutputStream();
    }
  }

  /** What changes something matters most; lists of everybody's things can be spared first. */
  private static Criticality criticality(HttpServletRequest request) {
    if (!request.getMethod().equals("GET")) {
      return Criticality.CRITICAL;
    }
    return request.getRequestURI().equals(Api.NEWEST)
        ? Criticality.SHEDDABLE
        : Criticality.STANDARD;
  }

  private static @Nullable String seenBy(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    if (cookies != null) {
      for (Cookie cookie : cookies) {
        if (cookie.getName().equals(SEEN)) {
          return cookie.getValue();
        }
      }
    }
    return null;
  }
}
