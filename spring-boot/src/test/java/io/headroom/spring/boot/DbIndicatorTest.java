package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** Why Spring Boot's own {@code db} indicator is switched off: what it asks, asks no server. */
class DbIndicatorTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  @Test
  void aConnectionThatHasNoServerYetIsValid() {
    Applications.bare()
        .withPropertyValues(
            "headroom.guard.enabled=true",
            "headroom.database.primary.url="
                + postgres.server(0).jdbcUrl(postgres.database())
                + "&connectTimeout=1&socketTimeout=2")
        .run(
            context -> {
              JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
              ConnectionCallback<String> product =
                  connection -> connection.getMetaData().getDatabaseProductName();
              ConnectionCallback<Boolean> valid = connection -> connection.isValid(0);
              assertThat(jdbc.execute(product)).isEqualTo("PostgreSQL");
              try {
                postgres.server(0).kill();
                assertThat(jdbc.execute(product)).isEqualTo("PostgreSQL");
                assertThat(jdbc.execute(valid)).isTrue();
                assertThat(new DatabaseHealth(context.getBean(Overview.class)).look().usable())
                    .isFalse();
              } finally {
                postgres.heal();
              }
            });
  }
}
