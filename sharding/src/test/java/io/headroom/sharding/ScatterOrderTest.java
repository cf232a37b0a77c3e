package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an order and a limit mean, for each way to take the rows. */
class ScatterOrderTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private static ShardPoolFleet fleet;
  private static ShardedDataSource sharded;
  private static Scatter scatter;

  @BeforeAll
  static void load() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 4);
    fleet.onAll("CREATE TABLE words (at int, word text)");
    fleet.on("s0", "INSERT INTO words VALUES (1, 'b'), (2, 'd'), (3, 'a')");
    fleet.on("s1", "INSERT INTO words VALUES (1, 'c'), (2, 'e'), (3, 'f')");
    sharded =
        ShardedDataSource.builder(ShardRouter.forLongs(fleet.map()))
            .dataSources(fleet.pools())
            .build();
    scatter = sharded.scatter();
  }

  @AfterAll
  static void close() {
    sharded.close();
    fleet.close();
  }

  @AfterEach
  void nothingLeaks() {
    fleet.assertNothingLeaked();
  }

  private static ScatterQuery<String> words(String orderBy) {
    return scatter
        .query("SELECT word FROM words ORDER BY " + orderBy, row -> row.getString(1))
        .ordered(Comparator.naturalOrder());
  }

  @Test
  void aRowBeyondTheLimitThatShouldHaveComeFirstIsFound() {
    assertThatThrownBy(() -> words("at").limit(3).toList())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("shard 's0' gives its rows in another order");
    assertThatThrownBy(() -> words("at").limit(3).toPartialList())
        .hasMessageContaining("shard 's0' gives its rows in another order");
    assertThatThrownBy(() -> words("at").limit(3).forEach(word -> {}))
        .hasMessageContaining("shard 's0' gives its rows in another order");
  }

  @Test
  void aReductionKeepsTheOrderAndTheLimit() throws SQLException {
    assertThat(words("word").reduce("", String::concat)).isEqualTo("abcdef");
    assertThat(words("word").limit(4).reduce("", String::concat)).isEqualTo("abcd");
    assertThat(words("word").limit(4).reducePartially("", String::concat).value())
        .isEqualTo("abcd");
    assertThat(
            scatter
                .query("SELECT 1 FROM words", row -> row.getInt(1))
                .limit(4)
                .reduce(0, Integer::sum))
        .isEqualTo(4);
  }

  @Test
  void aStreamReadsNoMoreThanItsLimitOfAnyShard() throws SQLException {
    List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
    scatter
        .query(
            "SELECT word FROM words ORDER BY word",
            row -> {
              seen.add(row.getString(1));
              return row.getString(1);
            })
        .ordered(Comparator.naturalOrder())
        .limit(2)
        .forEach(word -> {});
    assertThat(seen).containsExactlyInAnyOrder("a", "b", "c", "e");
  }
}
