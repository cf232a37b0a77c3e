package io.headroom.spring.boot;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * The health contributor {@code headroom} of Spring Boot 4: DOWN only where nothing can be read or
 * written, since taking a process away mends no database.
 */
@AutoConfiguration(after = HeadroomActuatorAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(DatabaseHealth.class)
public final class HeadroomHealth4AutoConfiguration {

  HeadroomHealth4AutoConfiguration() {}

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
