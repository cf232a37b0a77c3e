package com.example.bookshop;

import io.headroom.RequestContext;
import io.headroom.TokenSigner;
import io.headroom.routing.ReplicaDataSource;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Profile;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;
import org.springframework.web.util.WebUtils;

// snippet: spring-filter
/** A user sees what the user has written: in the same request, and, by a cookie, in the next. */
@Component
@Profile("replicas")
class SeenCookieFilter extends OncePerRequestFilter {

  private final TokenSigner signer;

  SeenCookieFilter(@Value("${bookshop.cookie-key}") String key) {
    signer = TokenSigner.builder().signingKey(1, key.getBytes(StandardCharsets.UTF_8)).build();
  }

  @Override
  @SuppressWarnings("try") // the scope is opened for its effect
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    RequestContext context =
        RequestContext.builder().with(ReplicaDataSource.AUTOCOMMIT_READS, true).build();
    Cookie seen = WebUtils.getCookie(request, "seen");
    context.observe(signer.openOrNone(seen == null ? null : seen.getValue()));
    try (RequestContext.Scope scope = context.attach()) {
      if (HttpMethod.GET.matches(request.getMethod())) {
        chain.doFilter(request, response);
      } else {
        HeldResponse held = new HeldResponse(response, () -> cookie(context, request));
        chain.doFilter(request, held);
        held.letGo();
      }
    }
  }

  private String cookie(RequestContext context, HttpServletRequest request) {
    return ResponseCookie.from("seen", signer.seal(context.token()))
        .path("/")
        .httpOnly(true)
        .secure(request.isSecure())
        .sameSite("Lax")
        .build()
        .toString();
  }

  /** Holds an answer back, since a cookie can't be set once it has begun to leave. */
  private static final class HeldResponse extends ContentCachingResponseWrapper {

    private final Supplier<String> cookie;

    HeldResponse(HttpServletResponse response, Supplier<String> cookie) {
      super(response);
      this.cookie = cookie;
    }

    void letGo() throws IOException {
      addCookie();
      copyBodyToResponse();
    }

    @Override
    public void sendRedirect(String location) throws IOException {
      addCookie();
      super.sendRedirect(location);
    }

    @Override
    public void sendError(int status) throws IOException {
      addCookie();
      super.sendError(status);
    }

    @Override
    public void sendError(int status, String message) throws IOException {
      addCookie();
      super.sendError(status, message);
    }

    private void addCookie() {
      if (!isCommitted()) {
        addHeader(HttpHeaders.SET_COOKIE, cookie.get());
      }
    }
  }
}
// end snippet
