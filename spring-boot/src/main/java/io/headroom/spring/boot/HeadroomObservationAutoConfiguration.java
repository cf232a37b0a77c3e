package io.headroom.spring.boot;

import io.headroom.MicrometerSpans;
import io.headroom.Spans;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * The spans of loads, scatters and failovers, as observations of the application's registry: spans
 * where it traces, and timers.
 */
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.actuate.autoconfigure.observation.ObservationAutoConfiguration",
      "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration"
    })
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(ObservationRegistry.class)
@Conditional({OnProperties.Headroom.class, OnFlag.Observations.class})
public final class HeadroomObservationAutoConfiguration {

  HeadroomObservationAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  Spans headroomSpans(ObservationRegistry registry) {
    return MicrometerSpans.of(registry);
  }
}
