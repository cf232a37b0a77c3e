package io.headroom.spring.boot;

import java.util.List;
import javax.sql.DataSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

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

  /** Databases that nobody uses would be a surprise. */
  @Bean
  @Conditional(OnProperties.Any.class)
  SmartInitializingSingleton headroomDatabaseCheck(
      ObjectProvider<Databases> ours, ListableBeanFactory beans) {
    return () -> {
      if (ours.stream().findAny().isEmpty()) {
        LoggerFactory.getLogger(HeadroomAutoConfiguration.class)
            .warn(
                "headroom.database is not used, since the application has data sources of its own:"
                    + " {}",
                List.of(beans.getBeanNamesForType(DataSource.class)));
      }
    };
  }

  /** Nor are caches that nobody uses what anybody meant. */
  @Bean
  @Conditional(OnProperties.Caches.class)
  SmartInitializingSingleton headroomCachesCheck(
      HeadroomProperties properties, ListableBeanFactory beans) {
    return () -> {
      if (!beans.containsBean(HeadroomCacheAutoConfiguration.CHECK)) {
        LoggerFactory.getLogger(HeadroomAutoConfiguration.class)
            .warn(
                "headroom.caches are not used, {}, since the application has a CacheManager of its"
                    + " own: {}. Drop either",
                properties.caches().keySet(),
                List.of(beans.getBeanNamesForType(CacheManager.class)));
      }
    };
  }
}
