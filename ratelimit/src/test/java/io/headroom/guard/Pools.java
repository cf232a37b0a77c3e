package io.headroom.guard;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;

/** HikariCP pools to a real server. */
final class Pools {

  private Pools() {}

  static HikariDataSource hikari(PostgresExtension postgres, int size) {
    return hikari(postgres.jdbcUrl(0), size);
  }

  static HikariDataSource hikari(String url, int size) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername("postgres");
    config.setMaximumPoolSize(size);
    config.setConnectionTimeout(30_000);
    config.setAllowPoolSuspension(true);
    return new HikariDataSource(config);
  }
}
