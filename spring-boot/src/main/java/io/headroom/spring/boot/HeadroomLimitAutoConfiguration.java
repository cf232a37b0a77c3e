package io.headroom.spring.boot;

import io.headroom.ratelimit.RateLimitListener;
import io.headroom.ratelimit.RedisLimits;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/**
 * The limits of {@code headroom.limits}: those on requests, which {@link
 * HeadroomWebAutoConfiguration} asks, and those that are beans for code to ask.
 */
@AutoConfiguration(
    after = {
      HeadroomAutoConfiguration.class,
      HeadroomGuardAutoConfiguration.class,
      HeadroomRedisAutoConfiguration.class
    })
@Conditional(OnProperties.Limits.class)
@Import(LimiterRegistrar.class)
public final class HeadroomLimitAutoConfiguration {

  HeadroomLimitAutoConfiguration() {}

  @Bean
  Limiters headroomLimiters(
      HeadroomProperties properties,
      ObjectProvider<RedisLimits> redis,
      ObjectProvider<GuardedPools> guard,
      ObjectProvider<RateLimitListener> listeners,
      Environment environment) {
    String name = properties.name();
    return new Limiters(
        name == null ? environment.getProperty("spring.application.name", "") : name,
        properties.redis().processes(),
        properties.limits(),
        redis::getIfAvailable,
        guard.getIfAvailable(),
        listeners.orderedStream().toList());
  }

  /** Limits that nobody asks would be a surprise. */
  @Bean
  SmartInitializingSingleton headroomLimitCheck(
      Limiters limiters, ObjectProvider<HttpLimits> limits) {
    return () -> {
      if (limits.stream().findAny().isEmpty() && !limiters.ofRequests().isEmpty()) {
        LoggerFactory.getLogger(HeadroomLimitAutoConfiguration.class)
            .warn(
                "headroom.limits are not asked, since this is no servlet application: {}. Drop"
                    + " them, or have code ask them (http: false)",
                limiters.ofRequests().keySet());
      }
    };
  }

  /** Where there are requests to count. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
  static class OfRequests {

    @Bean
    HttpLimits headroomHttpLimits(Limiters limiters) {
      return new HttpLimits(limiters);
    }
  }
}
