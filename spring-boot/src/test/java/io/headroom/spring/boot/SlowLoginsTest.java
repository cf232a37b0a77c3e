package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Full pools on a server that lets in all who log in, and takes longer than a look has for it. */
class SlowLoginsTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).exclusive();

  /**
   * Servers are slow just when pools are full: each login takes longer than a look waits for it.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerWhoseLoginsAreSlowIsThere(boolean guarded) {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.primary.url=" + postgres.jdbcUrl(0),
            "headroom.guard.enabled=" + guarded,
            "headroom.database.pool.maximum-size=1",
            "headroom.database.pool.connection-timeout=500ms")
        .run(
            context -> {
              DatabaseHealth health = context.getBean(DatabaseHealth.class);
              try (Connection seen = postgres.dataSource(0).getConnection();
                  Connection held = context.getBean(DataSource.class).getConnection();
                  Statement work = held.createStatement()) {
                work.execute("SELECT 1");
                postgres.server(0).set("pre_auth_delay", "3");
                try {
                  Awaitility.await().until(() -> delayOfLogins(seen).equals("3s"));
                  assertThat(health.look().usable()).as("nothing is known of it").isFalse();
                  Awaitility.await().until(() -> health.look().usable());
                  for (int look = 0; look < 3; look++) {
                    assertThat(health.look().usable()).as("it answers, though late").isTrue();
                  }
                } finally {
                  postgres.server(0).set("pre_auth_delay", "0");
                }
              }
            });
  }

  /** Over a connection that has been let in before there was one. */
  private static String delayOfLogins(Connection seen) throws SQLException {
    try (Statement statement = seen.createStatement();
        ResultSet row = statement.executeQuery("SHOW pre_auth_delay")) {
      row.next();
      return row.getString(1);
    }
  }
}
