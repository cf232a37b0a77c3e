package io.headroom.spring.boot;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * Says who asks: under load the same users are refused all the time, and limits count by user. A
 * bean of this type takes the place of the starter's own, which is {@link
 * HttpServletRequest#getRemoteUser}.
 *
 * <pre>{@code
 * @Bean
 * RequestUser requestUser() {
 *   return request -> request.getHeader("X-Tenant");
 * }
 * }</pre>
 *
 * <p>Implementations are thread-safe. They are asked at most twice for each request; if one throws,
 * the request fails.
 */
@FunctionalInterface
public interface RequestUser {

  /**
   * Tells who asks.
   *
   * @param request of whom
   * @return a String, Long, Integer or UUID; null if the user is not known
   */
  @Nullable Object of(HttpServletRequest request);
}
