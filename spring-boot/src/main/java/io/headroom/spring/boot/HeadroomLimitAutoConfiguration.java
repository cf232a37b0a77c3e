package io.headroom.spring.boot;

import io.headroom.ratelimit.RateLimitListener;
import io.headroom.ratelimit.RedisLimits;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/** The limits of {@code headroom.limits}, which {@link HeadroomWebAutoConfiguration} asks. */
@AutoConfiguration(
    after = {
      HeadroomAutoConfiguration.class,
      HeadroomGuardAutoConfiguration.class,
      HeadroomRedisAutoConfiguration.class
    })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@Conditional(OnProperties.Limits.class)
public final class HeadroomLimitAutoConfiguration {

  HeadroomLimitAutoConfiguration() {}

  @Bean
  HttpLimits headroomHttpLimits(
      HeadroomProperties properties,
      ObjectProvider<RedisLimits> redis,
      ObjectProvider<GuardedPools> guard,
      ObjectProvider<RateLimitListener> listeners,
      Environment environment) {
    String name = properties.name();
    return new HttpLimits(
        name == null ? environment.getProperty("spring.application.name", "application") : name,
        properties.limits(),
        redis::getIfAvailable,
        guard.getIfAvailable(),
        listeners.orderedStream().toList());
  }
}
