package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What is wrong about migrations and drift stops the start before a server is asked. */
@ExtendWith(OutputCaptureExtension.class)
class WrongMigrationsTest {

  private static void start(String property) {
    String shard = "--headroom.database.shards.s%d.primary.url=" + Applications.NOWHERE;
    new SpringApplicationBuilder(Applications.Empty.class)
        .web(WebApplicationType.NONE)
        .run(shard.replace("%d", "0"), shard.replace("%d", "1"), "--" + property)
        .close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"spring.flyway.url=jdbc:postgresql://x/y", "spring.flyway.user=me"})
  void anotherPlaceForFlywayStopsTheStart(String property, CapturedOutput output) {
    assertThatThrownBy(() -> start(property))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertThat(output)
        .contains("with the property " + property.substring(0, property.indexOf('=')))
        .contains("headroom.database.migrations.username");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.database.migrations.parallel=0 | headroom.database.migrations.parallel | 1 to"
            + " 256",
        "headroom.database.migrations.statement-timeout=0s |"
            + " headroom.database.migrations.statement-timeout | 1 ms or more",
        "headroom.database.drift.ignore= , | headroom.database.drift.ignore | without a name",
        "headroom.database.migrations.password=x | headroom.database.migrations.password |"
            + " no effect"
      })
  void whatCannotBeStopsTheStart(String wrong, String property, String why, CapturedOutput output) {
    assertThatThrownBy(() -> start(wrong))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertThat(output).contains("with the property " + property, why);
  }
}
