package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ScatterMisuseTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static ShardPoolFleet fleet;

  private ShardedDataSource sharded;
  private Scatter scatter;

  @BeforeAll
  static void createTables() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 4);
    fleet.onAll("CREATE TABLE note (id bigint PRIMARY KEY)", "INSERT INTO note VALUES (1)");
  }

  @AfterAll
  static void closePools() {
    fleet.close();
  }

  @BeforeEach
  void open() {
    sharded =
        ShardedDataSource.builder(ShardRouter.forLongs(fleet.map()))
            .dataSources(fleet.pools())
            .build();
    scatter = sharded.scatter();
  }

  @AfterEach
  void nothingLeaks() {
    fleet.assertNothingLeaked();
    sharded.close();
  }

  @Test
  void aQueryThatWritesIsRefusedByEveryShard() throws SQLException {
    for (String sql :
        new String[] {
          "INSERT INTO note VALUES (2) RETURNING id", "DELETE FROM note", "UPDATE note SET id = 3"
        }) {
      for (int fetchSize : new int[] {0, 10}) {
        ScatterQuery<Long> query = scatter.query(sql, row -> row.getLong(1));
        if (fetchSize > 0) {
          query.fetchSize(fetchSize);
        }
        assertThatThrownBy(query::toList)
            .as("%s with fetch size %d", sql, fetchSize)
            .isInstanceOfSatisfying(
                ScatterException.class,
                refused ->
                    assertThat(refused.failures().values())
                        .anyMatch(failure -> "25006".equals(failure.getSQLState())));
      }
    }
    assertThat(ids()).isEqualTo(3L);
  }

  @Test
  void theConnectionsWriteAgainAfterwards() throws SQLException {
    assertThat(ids()).isEqualTo(3L);
    assertThat(scatter.updateEachShardSeparately("INSERT INTO note VALUES (9)").run().values())
        .allMatch(ShardOutcome::isDone);
    assertThat(scatter.updateEachShardSeparately("DELETE FROM note WHERE id = 9").run().values())
        .allMatch(ShardOutcome::isDone);
  }

  @Test
  void aScatterRunsOnce() throws SQLException {
    ScatterQuery<Long> query = scatter.query("SELECT id FROM note", row -> row.getLong(1));
    assertThat(query.toList()).containsExactly(1L, 1L, 1L);
    assertThatThrownBy(query::toList)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has run once")
        .hasMessageContaining("query(...)");

    ScatterUpdate update = scatter.updateEachShardSeparately("UPDATE note SET id = id");
    update.run();
    assertThatThrownBy(update::run).isInstanceOf(IllegalStateException.class);
  }

  private long ids() throws SQLException {
    return scatter.query("SELECT count(*) FROM note", row -> row.getLong(1)).reduce(0L, Long::sum);
  }
}
