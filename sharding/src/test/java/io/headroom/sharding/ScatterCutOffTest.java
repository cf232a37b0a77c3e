package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Scatters that end early, each for a reason of its own. */
@SuppressWarnings("try") // scopes are opened for what happens meanwhile
class ScatterCutOffTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static ShardPoolFleet fleet;
  private static ShardedDataSource sharded;
  private static Scatter scatter;

  @BeforeAll
  static void open() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 3);
    for (String id : fleet.pools().keySet()) {
      fleet.on(id, "CREATE TABLE whoami (shard text)", "INSERT INTO whoami VALUES ('" + id + "')");
    }
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

  /** A cancel by the server itself has the SQLSTATE of a cancel by us. */
  @Test
  void aShardThatTimesOutByItselfIsTheOneNamed() {
    ScatterException failure =
        catchThrowableOfType(
            ScatterException.class,
            () ->
                scatter
                    .query(
                        "SELECT CASE WHEN shard = 's2' THEN pg_cancel_backend(pg_backend_pid())"
                            + " END, pg_sleep(20)::text FROM whoami",
                        row -> 1)
                    .toList());
    assertThat(failure.failures()).containsOnlyKeys("s2");
    assertThat((Throwable) failure).hasMessageContaining("'s2'").hasMessageContaining("cancel");
  }

  @Test
  void aDeadlineThatHasPassedSendsNothing() throws SQLException {
    Set<String> sent = ConcurrentHashMap.newKeySet();
    try (RequestContext.Scope scope =
        RequestContext.builder().timeout(Duration.ofNanos(1)).build().attach()) {
      ScatterException failure =
          catchThrowableOfType(
              ScatterException.class,
              () -> scatter.query("SELECT 1", row -> sent.add("read")).toList());
      assertThat((Throwable) failure)
          .hasMessageContaining("'s0'")
          .hasMessageContaining("the request's deadline passed");
      assertThat(failure.failures()).containsOnlyKeys("s0", "s1", "s2");
      assertThat(scatter.query("SELECT 1", row -> sent.add("read")).toPartialList().failures())
          .hasSize(3)
          .allSatisfy(
              (id, cause) -> assertThat((Throwable) cause).isInstanceOf(SQLTimeoutException.class));
      assertThatThrownBy(() -> scatter.query("SELECT 1", row -> 1).stream())
          .isInstanceOf(ScatterException.class);
      Map<String, ShardOutcome> outcomes =
          scatter.updateEachShardSeparately("DELETE FROM whoami").run();
      assertThat(outcomes.values())
          .hasSize(3)
          .allMatch(outcome -> outcome.status() == ShardOutcome.Status.FAILED);
    }
    assertThat(sent).isEmpty();
    assertThat(scatter.query("SELECT 1 FROM whoami", row -> 1).toList()).hasSize(3);
  }

  @Test
  void aPoolThatIsUsedUpHoldsNobodyBeyondTheDeadlineAndLosesNothing() throws Exception {
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(fleet.pool("s1").getConnection());
    }
    try {
      Partial<List<Integer>> partial =
          scatter
              .query("SELECT 1", row -> row.getInt(1))
              .timeout(Duration.ofMillis(300))
              .toPartialList();
      assertThat(partial.value()).hasSize(2);
      assertThat(partial.failures()).containsOnlyKeys("s1");
      Map<String, ShardOutcome> outcomes =
          scatter
              .updateEachShardSeparately("UPDATE whoami SET shard = shard")
              .timeout(Duration.ofMillis(300))
              .run();
      assertThat(outcomes.get("s1").status()).isEqualTo(ShardOutcome.Status.FAILED);
      assertThat(outcomes.get("s0").isDone()).isTrue();
      assertThatThrownBy(
              () ->
                  scatter
                      .query("SELECT shard FROM whoami ORDER BY 1", row -> row.getString(1))
                      .ordered(java.util.Comparator.naturalOrder())
                      .timeout(Duration.ofMillis(300))
                      .stream())
          .isInstanceOf(ScatterException.class)
          .hasMessageContaining("'s1'");
    } finally {
      for (Connection connection : all) {
        connection.close();
      }
    }
    fleet.assertNothingLeaked();
    assertThat(scatter.query("SELECT 1", row -> 1).toList()).hasSize(3);
  }

  @Test
  void aScatterWithinItsOwnReaderIsRefusedRatherThanStuck() throws SQLException {
    assertThatThrownBy(
            () ->
                scatter
                    .query("SELECT 1", row -> scatter.query("SELECT 1", inner -> 1).toList())
                    .toList())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Gather the rows first");
    try (Scatter nested = Scatter.builder(sharded).build()) {
      assertThat(
              scatter
                  .query("SELECT 1", row -> nested.query("SELECT 1", inner -> 1).toList().size())
                  .reduce(0, Integer::sum))
          .isEqualTo(9);
    }
    List<Integer> asked = new ArrayList<>();
    scatter
        .query("SELECT 1", row -> row.getInt(1))
        .forEach(
            row -> {
              try { // a consumer is on the caller's thread, where asking is fine
                asked.add(scatter.query("SELECT 1", inner -> 1).toList().size());
              } catch (SQLException e) {
                throw new AssertionError(e);
              }
            });
    assertThat(asked).containsExactly(3, 3, 3);
  }
}
