package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Whoever expects migrations, and lacks the jar by which Spring Boot would run them, is told. */
@ExtendWith(OutputCaptureExtension.class)
class UnrunFlywayTest {

  private static final String NOTHING = "nothing is migrated";
  private static final String BOOTS_3 =
      "org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy";
  private static final String BOOTS_4 =
      "org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy";
  private static final String FLYWAYS = "org.flywaydb";

  private static ApplicationContextRunner without(String... names) {
    return Applications.bare()
        .withClassLoader(
            new FilteredClassLoader(name -> Arrays.stream(names).anyMatch(name::startsWith)))
        .withPropertyValues(
            "spring.flyway.enabled=true",
            "spring.autoconfigure.exclude="
                + BOOTS_3.replace("MigrationStrategy", "AutoConfiguration,")
                + BOOTS_4.replace("MigrationStrategy", "AutoConfiguration"),
            "headroom.database.primary.url=" + Applications.NOWHERE);
  }

  private static void start(ApplicationContextRunner runner) {
    runner.run(context -> assertThat(context).hasNotFailed());
  }

  /** As on Spring Boot 4 with no more than {@code flyway-core}. */
  @ParameterizedTest
  @ValueSource(strings = {"unset=1", "headroom.database.migrations.parallel=2"})
  void theJarThatIsMissingIsNamed(String property, CapturedOutput output) {
    start(without(BOOTS_3, BOOTS_4).withPropertyValues(property));
    assertThat(output).contains(NOTHING, "add org.springframework.boot:spring-boot-flyway");
  }

  @ParameterizedTest
  @ValueSource(strings = {"headroom.database.migrations.enabled=false", Applications.NO_FLYWAY})
  void whoSaysThatNothingIsMigratedIsNotTold(String property, CapturedOutput output) {
    start(without(BOOTS_3, BOOTS_4).withPropertyValues(property));
    start(without(FLYWAYS).withPropertyValues("headroom.database.migrations.parallel=2", property));
    assertThat(output).doesNotContain(NOTHING);
  }

  @Test
  void whoRunsAFlywayOfTheirOwnIsToldOfPropertiesOnly(CapturedOutput output) {
    ApplicationContextRunner own =
        without(BOOTS_3, BOOTS_4).withBean(Flyway.class, () -> Flyway.configure().load());
    start(own);
    assertThat(output).doesNotContain(NOTHING);
    start(own.withPropertyValues("headroom.database.migrations.statement-timeout=1m"));
    assertThat(output).contains(NOTHING);
  }

  @Test
  void withoutFlywayPropertiesAloneMeanThatSomebodyWantsIt(CapturedOutput output) {
    start(without(FLYWAYS));
    assertThat(output).doesNotContain(NOTHING);
    start(without(FLYWAYS).withPropertyValues("headroom.database.migrations.username=me"));
    assertThat(output).contains(NOTHING, "add org.flywaydb:flyway-core");
  }

  @Test
  void whereSpringBootRunsItNobodyIsTold(CapturedOutput output) {
    start(without("none"));
    assertThat(output).doesNotContain(NOTHING);
  }
}
