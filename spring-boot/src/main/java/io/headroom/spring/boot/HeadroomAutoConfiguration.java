package io.headroom.spring.boot;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/**
 * Reads and checks all properties below {@code headroom}, whatever is done with them: what is not
 * known or makes no sense stops the start.
 */
@AutoConfiguration
@EnableConfigurationProperties(HeadroomProperties.class)
public final class HeadroomAutoConfiguration {

  /**
   * Checks what only the whole tells.
   *
   * @param properties as they were bound
   */
  HeadroomAutoConfiguration(HeadroomProperties properties) {
    DatabaseChecks.check(properties.database());
  }
}
