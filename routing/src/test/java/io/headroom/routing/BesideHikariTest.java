package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A probe's connection is one as its pool makes them. */
class BesideHikariTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  /** Drivers look for texts alone. */
  @Test
  void propertiesThatAreNoTextHoldAsWell() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(postgres.jdbcUrl(0));
    config.setUsername("postgres");
    config.addDataSourceProperty("readOnly", true);
    config.addDataSourceProperty("ApplicationName", "orders");
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection beside = new BesideHikari(pool, Duration.ofSeconds(5)).open()) {
      assertThat(beside.isReadOnly()).isTrue();
      assertThat(beside.getClientInfo("ApplicationName")).isEqualTo("orders");
    }
  }
}
