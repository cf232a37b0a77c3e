package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The file names a server that is the primary no more. */
class MigrationsAfterFailoverTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1).exclusive();

  private static String url(PostgresServer server) {
    return server.jdbcUrl(postgres.database()) + "&connectTimeout=1&socketTimeout=5";
  }

  @Test
  void theServerThatWasPromotedIsMigrated() throws Exception {
    PostgresServer before = postgres.server(0);
    PostgresServer replica = postgres.replicasOf(0).get(0);
    PostgresServer promoted = before.failOver();
    assertThat(promoted.port()).isEqualTo(replica.port());
    Applications.bare()
        .withPropertyValues(
            "spring.flyway.enabled=true",
            "spring.flyway.locations=classpath:/migrations/orders",
            "headroom.guard.enabled=true",
            "headroom.database.primary.url=" + url(before),
            "headroom.database.replicas.b.url=" + url(promoted))
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(MigrationReport.class).view().toString())
                  .contains("database", "to=2", "migrations=2");
            });
    try (Connection connection = promoted.dataSource(postgres.database()).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM flyway_schema_history")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isEqualTo(2);
    }
  }
}
