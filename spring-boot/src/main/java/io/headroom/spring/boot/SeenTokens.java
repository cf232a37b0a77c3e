package io.headroom.spring.boot;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.TokenSigner;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/** What clients say that they have seen, and are told: in a cookie, a header or both. Immutable. */
final class SeenTokens {

  private static final String AT = "headroom.request.token.";

  /** A token of RFC 9110, as names of cookies and headers are. */
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private final TokenSigner signer;
  private final String cookie;
  private final @Nullable String header;

  private SeenTokens(TokenSigner signer, String cookie, @Nullable String header) {
    this.signer = signer;
    this.cookie = cookie;
    this.header = header;
  }

  /** Null if there is no key, and nothing may be told unsigned. */
  static @Nullable SeenTokens of(RequestProperties.Token token) {
    checkNames(token);
    String key = token.key();
    if (key == null) {
      if (!token.acceptedKeys().isEmpty()) {
        throw Setting.wrong(
            AT + "key", "is missing, beside keys that are accepted.", "Set the one to sign with.");
      }
      return null;
    }
    TokenSigner.Builder signer = TokenSigner.builder();
    Setting.check(AT + "key", () -> signer.signingKey(token.keyId(), bytes(key)));
    token
        .acceptedKeys()
        .forEach(
            (id, accepted) ->
                Setting.check(
                    AT + "accepted-keys." + id, () -> signer.acceptedKey(id, bytes(accepted))));
    return new SeenTokens(signer.build(), token.cookie(), token.header());
  }

  private static void checkNames(RequestProperties.Token token) {
    checkName("cookie", token.cookie(), "no name of a cookie");
    if (token.header() != null) {
      checkName("header", token.header(), "no name of a header");
    }
  }

  private static void checkName(String what, String name, String wrong) {
    if (!NAME.matcher(name).matches()) {
      throw Setting.wrong(
          AT + what,
          "is '" + name + "', which is " + wrong + ".",
          "Use letters, digits and hyphens, as in headroom-seen.");
    }
  }

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  /** Has the context know what the client has seen. */
  Seen begin(HttpServletRequest request, RequestContext context) {
    ConsistencyToken before = signer.openOrNone(cookieOf(request));
    if (header != null) {
      before = before.merge(signer.openOrNone(request.getHeader(header)));
    }
    context.observe(before);
    return new Seen(context, context.knownToken(), request.isSecure());
  }

  private @Nullable String cookieOf(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    if (cookies != null) {
      for (Cookie each : cookies) {
        if (each.getName().equals(cookie)) {
          return each.getValue();
        }
      }
    }
    return null;
  }

  /** Of one request. Thread-safe. */
  final class Seen {

    private final RequestContext context;
    private final ConsistencyToken before;
    private final boolean secure;

    private Seen(RequestContext context, ConsistencyToken before, boolean secure) {
      this.context = context;
      this.before = before;
      this.secure = secure;
    }

    /** Tells the client, if it has seen more than it said and has not been told already. */
    void tell(HttpServletResponse response) {
      if (context.isTokenKnown() && context.knownToken().equals(before)) {
        return;
      }
      String sealed = signer.seal(context.token());
      if (header != null) {
        response.setHeader(header, sealed);
      }
      String text =
          ResponseCookie.from(cookie, sealed)
              .path("/")
              .httpOnly(true)
              .secure(secure)
              .sameSite("Lax")
              .build()
              .toString();
      if (!response.getHeaders(HttpHeaders.SET_COOKIE).contains(text)) {
        response.addHeader(HttpHeaders.SET_COOKIE, text);
      }
    }
  }
}
