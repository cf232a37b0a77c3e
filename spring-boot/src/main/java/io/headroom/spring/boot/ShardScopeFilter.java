package io.headroom.spring.boot;

import io.headroom.sharding.ShardedDataSource;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/**
 * Serves each request in the scope of its shard key, if it has one: also where it is dispatched
 * asynchronously or to an error page. Thread-safe.
 */
final class ShardScopeFilter implements Filter {

  private final ShardedDataSource sharded;
  private final ShardKeyResolver resolver;
  private final KeyedScopes scopes;
  private final Paths exempt;

  /** Of a request that was resolved. */
  private final String attribute = "io.headroom.spring.boot." + UUID.randomUUID();

  ShardScopeFilter(
      ShardedDataSource sharded, ShardKeyResolver resolver, KeyedScopes scopes, Paths exempt) {
    this.sharded = sharded;
    this.resolver = resolver;
    this.scopes = scopes;
    this.exempt = exempt;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Optional<?> key =
        request instanceof HttpServletRequest asks
                && request.getDispatcherType() != DispatcherType.INCLUDE
            ? keyOf(asks)
            : Optional.empty();
    if (key.isEmpty()) {
      chain.doFilter(request, response);
      return;
    }
    try {
      scopes.<Boolean, Exception>call(
          sharded,
          key.get(),
          "the request",
          () -> {
            chain.doFilter(request, response);
            return true;
          });
    } catch (IOException | ServletException | RuntimeException thrown) {
      throw thrown;
    } catch (Exception other) { // which the chain does not declare
      throw new ServletException(other);
    }
  }

  private Optional<?> keyOf(HttpServletRequest request) {
    if (request.getAttribute(attribute) instanceof Optional<?> known) {
      return known;
    }
    Optional<?> key = exempt.match(Paths.of(request)) ? Optional.empty() : resolver.keyOf(request);
    request.setAttribute(attribute, key);
    return key;
  }
}
