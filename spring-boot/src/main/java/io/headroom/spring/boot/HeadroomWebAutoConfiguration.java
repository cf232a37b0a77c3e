package io.headroom.spring.boot;

import io.headroom.RequestContext;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.http.AdmissionFilter;
import io.headroom.ratelimit.http.ClientAddress;
import io.headroom.ratelimit.http.RateLimitFilter;
import io.headroom.ratelimit.http.RateLimitFilterBuilder;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;
import org.springframework.http.server.PathContainer;

/**
 * The filters of a servlet application, in this order: what is known of the request ({@code
 * headroom.request.order}, behind Spring Security's), the limits (10 later), the guard's door (20
 * later). So a limit sees how much a request matters, and the guard only what limits let through.
 */
@AutoConfiguration(
    after = {
      HeadroomAutoConfiguration.class,
      HeadroomGuardAutoConfiguration.class,
      HeadroomLimitAutoConfiguration.class
    })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@Conditional(OnProperties.Headroom.class)
public final class HeadroomWebAutoConfiguration {

  HeadroomWebAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  RequestUser requestUser() {
    return HttpServletRequest::getRemoteUser;
  }

  @Bean
  @ConditionalOnMissingBean
  ClientAddress clientAddress(HeadroomProperties properties) {
    List<String> proxies = properties.request().trustedProxies();
    return proxies.isEmpty()
        ? ClientAddress.ofPeer()
        : Setting.check(
            "headroom.request.trusted-proxies",
            () -> ClientAddress.xForwardedFor(proxies.toArray(String[]::new)));
  }

  @Bean
  @ConditionalOnMissingBean(name = "headroomContextFilter")
  FilterRegistrationBean<Filter> headroomContextFilter(
      HeadroomProperties properties, RequestUser user, Environment environment) {
    RequestProperties request = properties.request();
    Setting.set(
        "headroom.request.timeout",
        request.timeout(),
        timeout -> RequestContext.builder().timeout(timeout));
    return Filters.registered(
        new ContextFilter(
            request, user, SeenTokens.of(request.token()), ExemptPaths.of(request, environment)),
        request.order());
  }

  @Bean
  @ConditionalOnBean(HttpLimits.class)
  @ConditionalOnMissingBean(name = "headroomLimitFilter")
  FilterRegistrationBean<Filter> headroomLimitFilter(
      HeadroomProperties properties,
      HttpLimits limits,
      RequestUser user,
      ClientAddress address,
      Environment environment) {
    RequestProperties request = properties.request();
    Paths exempt = ExemptPaths.of(request, environment);
    Function<HttpServletRequest, String> addressOf = RateLimitFilter.addressBy(address);
    Function<HttpServletRequest, @Nullable LimitedRequest> subject =
        asks -> {
          PathContainer path = Paths.of(asks);
          return exempt.match(path)
              ? null
              : new LimitedRequest(path, addressOf.apply(asks), user.of(asks));
        };
    List<Filter> filters =
        limits.doors().stream().<Filter>map(door -> filter(door, subject)).toList();
    return Filters.registered(inTurn(filters), request.order() + 10);
  }

  @Bean
  @ConditionalOnBean(GuardedPools.class)
  @Conditional(OnFlag.Door.class)
  @ConditionalOnMissingBean(name = "headroomAdmissionFilter")
  FilterRegistrationBean<Filter> headroomAdmissionFilter(
      HeadroomProperties properties,
      ConnectionGuard guard,
      ObjectProvider<AdmissionFilter> theirs,
      Environment environment) {
    return Filters.registered(
        except(
            ExemptPaths.of(properties.request(), environment),
            theirs.getIfAvailable(() -> AdmissionFilter.builder(guard).build())),
        properties.request().order() + 20);
  }

  private static Filter except(Paths exempt, Filter filter) {
    return (request, response, chain) -> {
      if (request instanceof HttpServletRequest asks && exempt.match(Paths.of(asks))) {
        chain.doFilter(request, response);
      } else {
        filter.doFilter(request, response, chain);
      }
    };
  }

  private static RateLimitFilter filter(
      HttpLimits.Door door, Function<HttpServletRequest, @Nullable LimitedRequest> subject) {
    RateLimitFilterBuilder<LimitedRequest> builder =
        RateLimitFilter.<LimitedRequest>builder(subject).limiter(door.limiter());
    door.hidden().forEach(builder::hide);
    return Setting.check("headroom.limits", builder::build);
  }

  /** The limits of this process before those in Redis, which cost a round trip. */
  private static Filter inTurn(List<Filter> filters) {
    return switch (filters.size()) {
      case 0 -> (request, response, chain) -> chain.doFilter(request, response);
      case 1 -> filters.get(0);
      default ->
          (request, response, chain) ->
              filters
                  .get(0)
                  .doFilter(
                      request,
                      response,
                      (asks, gets) -> filters.get(1).doFilter(asks, gets, chain));
    };
  }
}
