package io.headroom.spring.boot;

import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * The health contributor {@code headroom} of Spring Boot 3: DOWN only where nothing can be read or
 * written, since taking a process away mends no database.
 */
@AutoConfiguration(after = HeadroomActuatorAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(DatabaseHealth.class)
public final class HeadroomHealthAutoConfiguration {

  HeadroomHealthAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(name = "headroomHealthIndicator")
  @ConditionalOnEnabledHealthIndicator("headroom")
  HealthIndicator headroomHealthIndicator(DatabaseHealth health) {
    return () -> {
      DatabaseHealth.Found found = health.look();
      return (found.usable() ? Health.up() : Health.down()).withDetails(found.details()).build();
    };
  }
}
