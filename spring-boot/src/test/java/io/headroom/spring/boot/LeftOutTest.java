package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/** What an application leaves out of what its file has. */
@ExtendWith(OutputCaptureExtension.class)
class LeftOutTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1);

  private static final String GUARD = "headroom.guard.enabled=true";

  @Test
  void aProfileMayDoWithoutTheDatabase(CapturedOutput output) {
    for (String off : new String[] {"false", "off"}) {
      Applications.bare()
          .withPropertyValues(
              "headroom.database.enabled=" + off,
              "headroom.database.primary.url=nowhere",
              "headroom.database.replicas.b.username=incomplete",
              "spring.datasource.url=" + postgres.jdbcUrl(0),
              GUARD)
          .run(
              context -> {
                assertThat(context).hasNotFailed();
                assertThat(context).doesNotHaveBean(Databases.class);
                assertThat(
                        context
                            .getBean(JdbcTemplate.class)
                            .queryForObject("SELECT inet_server_port()", Integer.class))
                    .isEqualTo(postgres.server(0).port());
                assertThat(context.getBean(GuardedPools.class).names())
                    .containsExactly("dataSource");
              });
    }
    assertThat(output).doesNotContain("is not used");
  }

  @Test
  void aPoolMayBeLeftUnguarded() {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.primary.url=" + postgres.jdbcUrl(0),
            "headroom.database.replicas.b.url="
                + postgres.replicasOf(0).get(0).jdbcUrl(postgres.database()),
            GUARD,
            "headroom.guard.exclude=database/b")
        .run(
            context ->
                assertThat(context.getBean(GuardedPools.class).names())
                    .containsExactly("database"));
    Applications.bare()
        .withPropertyValues(
            "spring.datasource.url=" + postgres.jdbcUrl(0),
            GUARD,
            "headroom.guard.exclude=dataSource")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(DataSource.class)).isInstanceOf(HikariDataSource.class);
              assertThat(context.getBean(GuardedPools.class).names()).isEmpty();
            });
  }
}
