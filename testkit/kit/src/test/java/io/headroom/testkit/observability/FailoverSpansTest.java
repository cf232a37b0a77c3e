package io.headroom.testkit.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.routing.NodeView;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.micrometer.tracing.test.simple.SimpleSpan;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A failover in traces: from the loss of the primary until there is one again. */
class FailoverSpansTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1).exclusive();

  private static final String FAILOVER = "failover of orders";

  private final Traces traces = new Traces();
  private HikariDataSource a;
  private HikariDataSource b;
  private ReplicaDataSource orders;

  @BeforeEach
  void open() {
    a = pool(postgres.server(0));
    b = pool(postgres.replicasOf(0).get(0));
    orders =
        ReplicaDataSource.builder("orders")
            .primary("a", a)
            .replica("b", b)
            .probeInterval(Duration.ofMillis(50))
            .spans(traces.spans())
            .build();
    await().until(() -> primary().equals("a"));
  }

  private static HikariDataSource pool(PostgresServer server) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl(postgres.database()));
    config.setMinimumIdle(0);
    config.setConnectionTimeout(1_000);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  @AfterEach
  void close() {
    orders.close();
    a.close();
    b.close();
    postgres.heal();
  }

  private String primary() {
    return orders.nodes().stream()
        .filter(NodeView::primary)
        .map(NodeView::name)
        .findFirst()
        .orElse("none");
  }

  private SimpleSpan requireFailover(String outcome) {
    await().until(() -> !traces.all(FAILOVER).isEmpty());
    SimpleSpan failover = traces.one(FAILOVER);
    assertThat(failover.getTags())
        .containsEntry("cluster", "orders")
        .containsEntry("outcome", outcome)
        .containsEntry("from", "a");
    assertThat(
            traces
                .timer(
                    "headroom.routing.failover",
                    "cluster",
                    "orders",
                    "outcome",
                    outcome,
                    "error",
                    "none")
                .count())
        .isEqualTo(1);
    return failover;
  }

  @Test
  void toAPromotedReplica() {
    postgres.server(0).kill();
    await().until(() -> primary().equals("none"));
    assertThat(traces.all(FAILOVER)).as("goes on").isEmpty();
    postgres.replicasOf(0).get(0).promote();
    await().until(() -> primary().equals("b"));
    SimpleSpan failover = requireFailover("promoted");
    assertThat(failover.getTags())
        .containsEntry("to", "b")
        .containsEntry("timeline", "2")
        .hasEntrySatisfying(
            "trouble", trouble -> assertThat(trouble).contains("'a' does not answer"));
  }

  @Test
  void backToTheOneThatCameBack() {
    postgres.server(0).kill();
    await().until(() -> primary().equals("none"));
    postgres.server(0).restart();
    await().until(() -> primary().equals("a"));
    assertThat(requireFailover("returned").getTags()).containsEntry("to", "a");
  }

  @Test
  void thatNobodySeesTheEndOf() {
    postgres.server(0).kill();
    await().until(() -> primary().equals("none"));
    orders.close();
    assertThat(requireFailover("unfinished").getTags()).doesNotContainKey("to");
  }

  @Test
  void thereIsNoneWhereTheFirstPrimaryIsFoundAndNothingHappens() {
    orders.close();
    assertThat(traces.ended()).isEmpty();
  }
}
