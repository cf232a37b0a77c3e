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
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Shards that fail, hang or are late, and callers that give up: who is named, and what is lent. */
@SuppressWarnings("try") // scopes are opened for what happens meanwhile
class ScatterFailureTest {

  private static final Duration SOON = Duration.ofMillis(400);

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static UserFleet fleet;

  private ShardedDataSource sharded;
  private Scatter scatter;

  @BeforeAll
  static void load() throws SQLException {
    fleet = UserFleet.over(postgres);
  }

  @AfterAll
  static void closePools() {
    fleet.close();
  }

  @BeforeEach
  void open() {
    sharded = fleet.source();
    scatter = sharded.scatter();
  }

  @AfterEach
  void nothingLeaks() throws SQLException {
    fleet.assertSound();
    sharded.close();
  }

  @Test
  void oneShardThatFailsEndsTheWholeAndIsNamed() {
    String sql =
        "SELECT CASE WHEN EXISTS (SELECT FROM users WHERE user_id = "
            + fleet.firstKeyOf("s1")
            + ") THEN 1 / (SELECT count(*) FROM notes WHERE note < -9) ELSE"
            + " length(pg_sleep(20)::text) END";
    ScatterException failure =
        catchThrowableOfType(
            ScatterException.class, () -> scatter.query(sql, row -> row.getInt(1)).toList());
    assertThat((Throwable) failure).hasMessageContaining("'s1'").hasMessageContaining("division");
    assertThat(failure.getSQLState()).isEqualTo("22012");
    assertThat(failure.failures()).containsOnlyKeys("s1");
    // nothingLeaks() would wait for the sleepers, had they not been cancelled
  }

  @Test
  void theDeadlineCutsOffWhoIsLateAndNamesIt() {
    ScatterException failure =
        catchThrowableOfType(
            ScatterException.class,
            () ->
                scatter
                    .query(fleet.sleepOn("s2", 20), row -> row.getLong(1))
                    .timeout(SOON)
                    .toList());
    assertThat((Throwable) failure)
        .hasMessageContaining("'s2'")
        .hasMessageContaining("400 ms")
        .hasCauseInstanceOf(SQLTimeoutException.class);
    assertThat(failure.getSQLState()).isEqualTo("57014");
  }

  @Test
  void aPartialResultHasTheRestAndTheCauses() throws SQLException {
    Partial<List<Long>> partial =
        scatter.query(fleet.sleepOn("s2", 20), row -> row.getLong(1)).timeout(SOON).toPartialList();
    assertThat(partial.value()).hasSize(2);
    assertThat(partial.isComplete()).isFalse();
    assertThat(partial.failures()).containsOnlyKeys("s2");
    assertThat((Throwable) partial.failures().get("s2")).isInstanceOf(SQLTimeoutException.class);
    Partial<Long> sum =
        scatter
            .query(fleet.sleepOn("s2", 20), row -> row.getLong(1))
            .timeout(SOON)
            .reducePartially(0L, Long::sum);
    assertThat(sum.value()).isBetween(1L, UserFleet.USERS - 1L);
  }

  @Test
  void theRequestsDeadlineBoundsItToo() {
    try (RequestContext.Scope scope = RequestContext.builder().timeout(SOON).build().attach()) {
      assertThatThrownBy(
              () -> scatter.query(fleet.sleepOn("s0", 20), row -> row.getLong(1)).toList())
          .isInstanceOf(ScatterException.class)
          .hasMessageContaining("the request's deadline");
    }
  }

  @Test
  void aShardThatIsDownEndsOrIsLeftOut() throws SQLException {
    postgres.server(1).kill();
    try {
      ScatterException failure =
          catchThrowableOfType(
              ScatterException.class,
              () -> scatter.query("SELECT 1", row -> row.getInt(1)).toList());
      assertThat((Throwable) failure).hasMessageContaining("'s1'");
      Partial<List<Integer>> partial =
          scatter.query("SELECT 1", row -> row.getInt(1)).toPartialList();
      assertThat(partial.value()).hasSize(2);
      assertThat(partial.failures()).containsOnlyKeys("s1");
    } finally {
      postgres.server(1).restart();
    }
  }

  @Test
  void aShardThatHangsHoldsNobodyBeyondTheDeadline() throws SQLException {
    fleet.pools.onAll("SELECT 1"); // so that a connection is in each pool
    postgres.server(0).stop();
    try {
      Partial<List<Integer>> partial =
          scatter.query("SELECT 1", row -> row.getInt(1)).timeout(SOON).toPartialList();
      assertThat(partial.value()).hasSize(2);
      assertThat(partial.failures()).containsOnlyKeys("s0");
      assertThatThrownBy(
              () ->
                  scatter
                      .query("SELECT user_id FROM users ORDER BY 1", row -> row.getLong(1))
                      .ordered(Comparator.naturalOrder())
                      .timeout(SOON)
                      .stream())
          .isInstanceOf(ScatterException.class)
          .hasMessageContaining("'s0'");
      Map<String, ShardOutcome> outcomes =
          scatter.updateEachShardSeparately("INSERT INTO notes VALUES (1)").timeout(SOON).run();
      assertThat(outcomes.get("s1").isDone()).isTrue();
      assertThat(outcomes.get("s0").status()).isNotEqualTo(ShardOutcome.Status.DONE);
    } finally {
      postgres.server(0).resume();
    }
  }

  @Test
  void aStreamWhoseShardHangsInTheMiddleEndsAtTheDeadline() throws SQLException {
    Stream<Long> ids =
        scatter
            .query("SELECT user_id FROM users ORDER BY 1", row -> row.getLong(1))
            .ordered(Comparator.naturalOrder())
            .fetchSize(5)
            .timeout(Duration.ofSeconds(2))
            .stream();
    try (ids) {
      var rows = ids.iterator();
      for (long id = 0; id < 10; id++) {
        assertThat(rows.next()).isEqualTo(id);
      }
      postgres.server(2).stop();
      assertThatThrownBy(
              () -> {
                while (rows.hasNext()) {
                  rows.next();
                }
              })
          .isInstanceOf(ShardingException.class)
          .hasCauseInstanceOf(ScatterException.class)
          .hasMessageContaining("'s2'");
    } finally {
      postgres.server(2).resume();
    }
  }

  @Test
  void aCancelledConnectionIsEvictedSoThatNobodyMeetsALateCancel() throws SQLException {
    for (int round = 0; round < 8; round++) {
      Set<Integer> victims = ConcurrentHashMap.newKeySet();
      Partial<List<Integer>> partial =
          scatter
              .query("SELECT pg_sleep(20)::text, 1", row -> row.getInt(2))
              .bind(
                  statement -> {
                    try (var pid =
                        statement
                            .getConnection()
                            .createStatement()
                            .executeQuery("SELECT pg_backend_pid()")) {
                      pid.next();
                      victims.add(pid.getInt(1));
                    }
                  })
              .timeout(Duration.ofMillis(100))
              .toPartialList();
      assertThat(partial.failures()).hasSize(3);
      assertThat(victims).isNotEmpty(); // on a busy machine not each has told its number by then
      // the next borrowers run at once, while the cancels are still on their way
      assertThat(nextBorrowersOfAllPools()).doesNotContainAnyElementsOf(victims);
      fleet.pools.assertNothingLeaked();
      assertThat(nextBorrowersOfAllPools()).doesNotContainAnyElementsOf(victims);
    }
  }

  private static Set<Integer> nextBorrowersOfAllPools() throws SQLException {
    Set<Integer> pids = new HashSet<>();
    for (var pool : fleet.pools.pools().values()) {
      try (Connection first = pool.getConnection();
          Connection second = pool.getConnection()) {
        for (Connection connection : List.of(first, second)) {
          try (var statement = connection.createStatement();
              var pid = statement.executeQuery("SELECT pg_backend_pid(), pg_sleep(0.02)")) {
            pid.next();
            pids.add(pid.getInt(1));
          }
        }
      }
    }
    return pids;
  }

  @Test
  void aBugInTheReaderComesOutAsItIs() {
    assertThatThrownBy(
            () ->
                scatter
                    .query(
                        "SELECT user_id FROM users",
                        row -> {
                          throw new IllegalStateException("a bug");
                        })
                    .toPartialList())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a bug");
    assertThatThrownBy(
            () ->
                scatter
                    .query(
                        "SELECT user_id FROM users",
                        row -> {
                          throw new IllegalStateException("a bug");
                        })
                    .stream())
        .hasMessage("a bug");
  }

  @Test
  void anInterruptedCallerGivesUp() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> scatter.query("SELECT pg_sleep(20)::text", row -> 1).toList())
        .isInstanceOf(ScatterException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }
}
