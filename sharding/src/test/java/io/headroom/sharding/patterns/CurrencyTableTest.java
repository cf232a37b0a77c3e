package io.headroom.sharding.patterns;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.sharding.Scatter;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardOutcome;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CurrencyTableTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(2).exclusive();

  private final ShardedDataSource sharded =
      ShardedDataSource.builder(ShardRouter.forLongs(ShardMap.of("a", "b")))
          .dataSources(Map.of("a", postgres.dataSource(0), "b", postgres.dataSource(1)))
          .build();
  private final Scatter scatter = Scatter.builder(sharded).build();
  private final CurrencyTable currencies = new CurrencyTable(scatter);

  @BeforeEach
  void createTables() throws SQLException {
    for (int server = 0; server < 2; server++) {
      try (Connection connection = postgres.dataSource(server).getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("DROP TABLE IF EXISTS currency, reference_version");
        statement.execute(CurrencyTable.DDL);
      }
    }
  }

  @AfterEach
  void close() {
    scatter.close();
    sharded.close();
  }

  @Test
  void aVersionReachesEveryShardAndReplacesTheOneBefore() throws SQLException {
    assertThat(currencies.publish(1, Map.of("EUR", "Euro", "DEM", "Mark")).values())
        .allMatch(ShardOutcome::isDone);
    currencies.publish(2, Map.of("EUR", "euro", "USD", "US dollar"));
    for (int server = 0; server < 2; server++) {
      assertThat(copyOn(server)).isEqualTo(Map.of("EUR", "euro", "USD", "US dollar"));
    }
    assertThat(currencies.versionEverywhere()).isEqualTo(2);
  }

  @Test
  void anOlderVersionReplacesNothing() throws SQLException {
    currencies.publish(5, Map.of("EUR", "Euro"));
    currencies.publish(4, Map.of("FRF", "Franc"));
    assertThat(copyOn(0)).isEqualTo(Map.of("EUR", "Euro"));
    assertThat(currencies.versionEverywhere()).isEqualTo(5);
  }

  @Test
  void aShardThatWasDownIsMendedBySendingTheSameAgain() throws SQLException {
    postgres.server(1).kill();
    Map<String, ShardOutcome> outcomes = currencies.publish(3, Map.of("EUR", "Euro"));
    assertThat(outcomes.get("a").isDone()).isTrue();
    assertThat(outcomes.get("b").isDone()).isFalse();
    assertThat(outcomes.get("b").cause()).isPresent();

    postgres.server(1).restart();
    assertThat(currencies.versionEverywhere()).isZero();
    assertThat(currencies.publish(3, Map.of("EUR", "Euro")).values())
        .allMatch(ShardOutcome::isDone);
    assertThat(currencies.versionEverywhere()).isEqualTo(3);
    assertThat(copyOn(1)).isEqualTo(Map.of("EUR", "Euro"));
  }

  private static Map<String, String> copyOn(int server) throws SQLException {
    Map<String, String> copy = new TreeMap<>();
    try (Connection connection = postgres.dataSource(server).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT code, name FROM currency")) {
      while (rows.next()) {
        copy.put(rows.getString(1), rows.getString(2));
      }
    }
    return copy;
  }
}
