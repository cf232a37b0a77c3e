package io.headroom.spring.boot;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Tells the shard key of a request. With a bean of this type, plain connections of the sharded data
 * source go to that key's shard for as long as the request is served, and in what it starts with
 * {@code @Async}.
 *
 * <pre>{@code
 * @Bean
 * ShardKeyResolver shardKeyResolver() {
 *   return request -> Optional.ofNullable(request.getHeader("X-User")).map(Long::valueOf);
 * }
 * }</pre>
 *
 * <p>It is asked once for each request, behind Spring Security, the limits and the guard's door,
 * and not for those that {@code headroom.request.exempt} names. A request without a key has no
 * scope: its statements fail with {@link io.headroom.sharding.MissingShardKeyException} unless
 * something else gives them one. Implementations are thread-safe.
 */
@FunctionalInterface
public interface ShardKeyResolver {

  /**
   * Tells the key.
   *
   * @param request of whom
   * @return the key, of a type that the router takes; empty if the request has none
   */
  Optional<?> keyOf(HttpServletRequest request);
}
