package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.Awaitility;

/** One real HikariCP pool per server, as shards "s0", "s1", ...; for tests. */
final class ShardPoolFleet implements AutoCloseable {

  private final Map<String, HikariDataSource> pools = new LinkedHashMap<>();

  static ShardPoolFleet over(PostgresExtension postgres, int poolSize) {
    ShardPoolFleet fleet = new ShardPoolFleet();
    for (int i = 0; i < postgres.servers().size(); i++) {
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl(postgres.jdbcUrl(i));
      config.setMaximumPoolSize(poolSize);
      config.setMinimumIdle(0);
      config.setPoolName("s" + i);
      config.setConnectionTimeout(2_000);
      config.setInitializationFailTimeout(-1);
      fleet.pools.put("s" + i, new HikariDataSource(config));
    }
    return fleet;
  }

  Map<String, HikariDataSource> pools() {
    return pools;
  }

  HikariDataSource pool(String id) {
    return pools.get(id);
  }

  ShardMap map() {
    return ShardMap.of(pools.keySet());
  }

  /** Runs SQL on every server, past any routing. */
  void onAll(String... sql) throws SQLException {
    for (String id : pools.keySet()) {
      on(id, sql);
    }
  }

  void on(String id, String... sql) throws SQLException {
    try (Connection connection = pools.get(id).getConnection();
        Statement statement = connection.createStatement()) {
      for (String one : sql) {
        statement.execute(one);
      }
    }
  }

  /** Every borrowed connection has come back, or does so shortly. */
  void assertNothingLeaked() {
    pools.forEach(
        (id, pool) ->
            Awaitility.await("connections of " + id + " to come back")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                    () ->
                        assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                            .as("active connections of %s", id)
                            .isZero()));
  }

  @Override
  public void close() {
    pools.values().forEach(HikariDataSource::close);
  }
}
