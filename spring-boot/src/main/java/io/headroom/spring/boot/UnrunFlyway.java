package io.headroom.spring.boot;

import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Tells of migrations that somebody expects, where a jar is missing by which they would be run. */
final class UnrunFlyway {

  private static final Logger LOG = LoggerFactory.getLogger(UnrunFlyway.class);

  private static final String AT = DatabaseChecks.DATABASE + ".migrations";
  private static final String FLYWAY = "org.flywaydb.core.Flyway";

  private UnrunFlyway() {}

  /**
   * Warns if nothing will be migrated, and nobody has said so.
   *
   * @param beans an application that has a Flyway of its own runs it by itself
   */
  static void warn(
      MigrationProperties migrations, ListableBeanFactory beans, Environment environment) {
    if (!migrations.enabled()
        || !environment.getProperty("spring.flyway.enabled", Boolean.class, true)) {
      return;
    }
    if (!ClassUtils.isPresent(FLYWAY, null)) {
      if (migrations.isAnySet()) {
        LOG.warn(
            "{} is set, and nothing is migrated, since Flyway is not there: add"
                + " org.flywaydb:flyway-core and, from Spring Boot 4 on,"
                + " org.springframework.boot:spring-boot-flyway",
            AT);
      }
      return;
    }
    if (!isRunByBoot() && (migrations.isAnySet() || !hasOwn(beans))) {
      LOG.warn(
          "Flyway is there, and nothing is migrated, since Spring Boot 4 does not run it by itself:"
              + " add org.springframework.boot:spring-boot-flyway, or say {}.enabled=false",
          AT);
    }
  }

  private static boolean isRunByBoot() {
    return Stream.of("autoconfigure.flyway", "flyway.autoconfigure")
        .anyMatch(
            where ->
                ClassUtils.isPresent(
                    "org.springframework.boot." + where + ".FlywayMigrationStrategy", null));
  }

  private static boolean hasOwn(ListableBeanFactory beans) {
    Class<?> type = ClassUtils.resolveClassName(FLYWAY, null);
    return beans.getBeanNamesForType(type, true, false).length > 0;
  }
}
