package io.headroom.testkit.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.sharding.Partial;
import io.headroom.sharding.Scatter;
import io.headroom.sharding.ScatterException;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardOutcome;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardStrategy;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.micrometer.tracing.test.simple.SimpleSpan;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Scatters in traces: one span, and below it one for what each shard is asked. */
class ScatterSpansTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private static final String ALL = "scatter users";
  private static final String PART = "scatter users shard";

  private final Traces traces = new Traces();
  private ShardRouter<Long> router;
  private ShardedDataSource sharded;
  private Scatter scatter;

  @BeforeEach
  void open() throws SQLException {
    router =
        ShardRouter.builder(ShardStrategy.hashedLongs())
            .name("users")
            .map(ShardMap.of("s0", "s1"))
            .spans(traces.spans())
            .build();
    sharded =
        ShardedDataSource.builder(router)
            .dataSources(Map.of("s0", postgres.dataSource(0), "s1", postgres.dataSource(1)))
            .build();
    scatter = sharded.scatter();
    for (int server = 0; server < 2; server++) {
      execute(server, "DROP TABLE IF EXISTS only_here");
    }
    execute(0, "CREATE TABLE only_here (n int)");
    execute(0, "INSERT INTO only_here SELECT generate_series(1, 10)");
  }

  private static void execute(int server, String sql) throws SQLException {
    try (Connection connection = postgres.dataSource(server).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @AfterEach
  void close() {
    sharded.close();
    router.close();
    traces.requireNothingCurrent();
  }

  private Long read(java.sql.ResultSet row) throws SQLException {
    traces.statement("row of " + Thread.currentThread().getName());
    return row.getLong(1);
  }

  private SimpleSpan partOn(String shard) {
    return traces.all(PART).stream()
        .filter(span -> shard.equals(span.getTags().get("shard")))
        .findFirst()
        .orElseThrow();
  }

  private SimpleSpan requireScatter(String outcome, int failed) {
    SimpleSpan all = traces.one(ALL);
    Traces.requireChild(all, traces.one("request"));
    assertThat(all.getTags())
        .containsEntry("router", "users")
        .containsEntry("outcome", outcome)
        .containsEntry("shards", "2")
        .containsEntry("failed", Integer.toString(failed));
    return all;
  }

  @Test
  void eachShardsPartIsBelowTheScatterAndItsRowsBelowThat() throws Exception {
    long sum =
        traces.during("request", () -> scatter.query("SELECT 1", this::read).reduce(0L, Long::sum));
    assertThat(sum).isEqualTo(2);
    SimpleSpan all = requireScatter("answered", 0);
    for (String shard : List.of("s0", "s1")) {
      SimpleSpan part = partOn(shard);
      Traces.requireChild(part, all);
      assertThat(part.getTags())
          .containsEntry("router", "users")
          .containsEntry("outcome", "answered");
    }
    assertThat(traces.all(PART)).hasSize(2);
    List<String> parts = traces.all(PART).stream().map(SimpleSpan::getSpanId).toList();
    List<SimpleSpan> rows =
        traces
            .allStartingWith("row of ")
            .filter(row -> !row.getName().contains(Thread.currentThread().getName()))
            .toList();
    assertThat(rows).extracting(SimpleSpan::getParentId).containsExactlyInAnyOrderElementsOf(parts);
  }

  @Test
  void aShardThatFailsFailsTheScatter() {
    assertThatThrownBy(
            () ->
                traces.during(
                    "request", () -> scatter.query("SELECT n FROM only_here", this::read).toList()))
        .isInstanceOf(ScatterException.class);
    SimpleSpan all = requireScatter("failed", 1);
    assertThat(all.getError()).isInstanceOf(ScatterException.class);
    assertThat(partOn("s1").getTags()).containsEntry("outcome", "failed");
    assertThat(partOn("s1").getError()).isInstanceOf(SQLException.class);
  }

  @Test
  void aPartialAnswerIsNone() throws Exception {
    Partial<List<Long>> rows =
        traces.during(
            "request", () -> scatter.query("SELECT n FROM only_here", this::read).toPartialList());
    assertThat(rows.value()).hasSize(10);
    assertThat(requireScatter("partial", 1).getError()).isNull();
    assertThat(partOn("s0").getTags()).containsEntry("outcome", "answered");
    assertThat(partOn("s1").getTags()).containsEntry("outcome", "failed");
  }

  @Test
  void anUpdateOfEachShard() throws Exception {
    Map<String, ShardOutcome> outcomes =
        traces.during(
            "request",
            () -> scatter.updateEachShardSeparately("UPDATE only_here SET n = n + 1").run());
    assertThat(outcomes.get("s0").isDone()).isTrue();
    SimpleSpan all = requireScatter("partial", 1);
    Traces.requireChild(partOn("s0"), all);
    assertThat(partOn("s1").getTags()).containsEntry("outcome", "failed");
  }

  /** Its span ends with the stream, and is current nowhere in between. */
  @Test
  void aStreamHasAPartForEachPortion() throws Exception {
    traces.during(
        "request",
        () -> {
          try (Stream<Long> rows =
              scatter.query("SELECT generate_series(1, 10)", this::read).fetchSize(4).stream()) {
            assertThat(rows.count()).isEqualTo(20);
            assertThat(traces.all(ALL)).isEmpty();
          }
          return null;
        });
    SimpleSpan all = requireScatter("answered", 0);
    assertThat(traces.all(PART)).hasSizeGreaterThan(4);
    traces.all(PART).forEach(part -> Traces.requireChild(part, all));
  }

  @Test
  void aBugOfTheReadersOwn() {
    assertThatThrownBy(
            () ->
                traces.during(
                    "request",
                    () ->
                        scatter
                            .query(
                                "SELECT 1",
                                row -> {
                                  throw new IllegalStateException("a bug");
                                })
                            .toList()))
        .isInstanceOf(IllegalStateException.class);
    assertThat(requireScatter("failed", 1).getError()).hasMessage("a bug");
  }

  @Test
  void timersHaveTheRouterAndTheOutcomeAndNoShard() throws Exception {
    assertThat(scatter.query("SELECT 1", row -> row.getLong(1)).toList()).hasSize(2);
    String[] tags = {"router", "users", "outcome", "answered", "error", "none"};
    assertThat(traces.timer("headroom.sharding.scatter", tags).count()).isEqualTo(1);
    assertThat(traces.timer("headroom.sharding.scatter.shard", tags).count()).isEqualTo(2);
    assertThat(traces.timer("headroom.sharding.scatter.shard", tags).getId().getTag("shard"))
        .isNull();
  }
}
