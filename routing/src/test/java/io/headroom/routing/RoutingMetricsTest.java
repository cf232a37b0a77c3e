package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@SuppressWarnings("try") // scopes are opened for their effect
class RoutingMetricsTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private PostgresServer primary;
  private PostgresServer first;
  private PostgresServer second;
  private Fleet fleet;

  @BeforeEach
  void open() throws SQLException {
    primary = postgres.server(0);
    first = postgres.replicasOf(0).get(0);
    second = postgres.replicasOf(0).get(1);
    fleet = bound(3);
    fleet.createTable();
  }

  private Fleet bound(double spillPerSecond) {
    Fleet made =
        new Fleet(
            List.of(primary, first, second),
            postgres.database(),
            builder -> builder.primarySpill(spillPerSecond).replicaWait(Duration.ofMillis(20)));
    RoutingMetrics.of(made.dataSource()).bindTo(registry);
    return made;
  }

  @AfterEach
  void close() {
    fleet.close();
    postgres.heal();
  }

  private static RequestContext.Scope asking(Consistency consistency) {
    return RequestContext.builder().with(Consistency.KEY, consistency).build().attach();
  }

  private double gauge(String name, String... tags) {
    return registry.get("headroom.routing." + name).tags(tags).gauge().value();
  }

  private double of(PostgresServer node, String name) {
    return gauge("node." + name, "node", node.name());
  }

  private double lagMillis(PostgresServer node) {
    return registry
        .get("headroom.routing.node.lag")
        .tag("node", node.name())
        .timeGauge()
        .value(TimeUnit.MILLISECONDS);
  }

  private double count(String name, String... tags) {
    return registry.get("headroom.routing." + name).tags(tags).functionCounters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private double routed(PostgresServer node, String reason) {
    return count("routed", "node", node.name(), "reason", reason);
  }

  /** Names and what tells the meters of one name apart: neither grows with the work. */
  @Test
  void everyMeterIsThereWithItsTagsAndItsUnit() {
    Map<String, Integer> meters = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      Meter.Id id = meter.getId();
      assertThat(id.getName()).startsWith("headroom.routing.");
      assertThat(id.getTag("cluster")).as("cluster of %s", id).isEqualTo("orders");
      assertThat(id.getDescription()).as("description of %s", id).isNotBlank();
      String others =
          id.getTags().stream()
              .map(Tag::getKey)
              .filter(key -> !key.equals("cluster"))
              .collect(Collectors.joining(","));
      String unit = id.getBaseUnit() == null ? "" : " in " + id.getBaseUnit();
      meters.merge(
          "%s(%s) %s%s"
              .formatted(
                  id.getName().substring("headroom.routing.".length()), others, id.getType(), unit),
          1,
          Integer::sum);
    }
    int reasons = RouteReason.values().length;
    int refusals = 4;
    assertThat(meters)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("routed(node,reason) COUNTER", 3 * (reasons - refusals)),
                Map.entry("refused(reason) COUNTER", refusals),
                Map.entry("conflicts(node) COUNTER", 3),
                Map.entry("unknown.outcomes() COUNTER", 1),
                Map.entry("timeline() GAUGE", 1),
                Map.entry("writable() GAUGE", 1),
                Map.entry("node.primary(node) GAUGE", 3),
                Map.entry("node.up(node) GAUGE", 3),
                Map.entry("node.refused(node) GAUGE", 3),
                Map.entry("node.ejected(node) GAUGE", 3),
                Map.entry("node.lag(node) GAUGE in seconds", 3),
                Map.entry("node.latency(node) GAUGE in seconds", 3),
                Map.entry("node.in.flight(node) GAUGE", 3)));
  }

  @Test
  void tagsNameNodesAndReasonsAndNothingElse() {
    assertThat(tagValues("node"))
        .containsExactlyInAnyOrder(primary.name(), first.name(), second.name());
    assertThat(tagValues("reason"))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(RouteReason.values())
                .map(reason -> reason.name().toLowerCase(Locale.ROOT))
                .toList());
  }

  @Test
  void workThatIsTurnedAwayIsRoutedNowhere() {
    for (RouteReason reason : RouteReason.values()) {
      String name = reason.name().toLowerCase(Locale.ROOT);
      assertThat(registry.find("headroom.routing.refused").tag("reason", name).meters())
          .as("refused of %s", reason)
          .hasSize(reason.isRefusal() ? 1 : 0);
      assertThat(registry.find("headroom.routing.routed").tag("reason", name).meters())
          .as("routed of %s", reason)
          .hasSize(reason.isRefusal() ? 0 : 3);
    }
    HandTime time = new HandTime();
    RequestContext late = RequestContext.builder().timeout(Duration.ofSeconds(1), time).build();
    time.advance(Duration.ofSeconds(1));
    try (RequestContext.Scope scope = late.attach()) {
      assertThatThrownBy(() -> fleet.readNode()).hasMessageContaining("deadline has passed");
    }
    assertThat(count("refused", "reason", "refused_deadline")).isEqualTo(1);
  }

  private Set<String> tagValues(String key) {
    Set<String> values = new TreeSet<>();
    for (Meter meter : registry.getMeters()) {
      String value = meter.getId().getTag(key);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  @Test
  void workIsCountedByNodeAndReason() throws SQLException {
    double writes = routed(primary, "write");
    for (int i = 1; i <= 5; i++) {
      fleet.insert(i);
    }
    assertThat(routed(primary, "write")).isEqualTo(writes + 5);
    for (int i = 0; i < 20; i++) {
      fleet.readNode();
    }
    assertThat(routed(first, "fresh") + routed(second, "fresh")).isEqualTo(20);
    assertThat(routed(primary, "fresh")).isZero();
    try (RequestContext.Scope scope = asking(Consistency.STRONG)) {
      fleet.readNode();
    }
    assertThat(routed(primary, "strong")).isEqualTo(1);
    assertThat(count("refused")).isZero();
    assertThat(of(first, "latency") + of(second, "latency")).as("seconds").isBetween(1e-7, 10.0);
  }

  @Test
  void spillsRefusalsAndLagAreSeen() throws SQLException {
    first.pauseReplay();
    second.pauseReplay();
    try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
      fleet.insert(1);
      int refused = 0;
      while (refused < 3) {
        try {
          fleet.readNode();
        } catch (NoFreshReplicaException e) {
          refused++;
        }
      }
      assertThat(routed(primary, "spilled_lagging")).isPositive();
      assertThat(count("refused", "reason", "refused_budget")).isEqualTo(3);
    }
    await().until(() -> lagMillis(first) > 200);
    assertThat(lagMillis(primary)).isZero();
    first.resumeReplay();
    second.resumeReplay();
    await().until(() -> lagMillis(first) == 0);
    assertThat(count("refused", "reason", "refused_no_primary")).isZero();
  }

  @Test
  void whatIsInUseIsCountedUntilItIsGivenBack() throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      assertThat(of(primary, "in.flight")).as("nothing was taken yet").isZero();
      fleet.nodeOf(connection);
      assertThat(of(primary, "in.flight")).isEqualTo(1);
    }
    assertThat(of(primary, "in.flight")).isZero();
  }

  @Test
  void aFailoverIsSeen() throws SQLException {
    double timeline = gauge("timeline");
    assertThat(gauge("writable")).isEqualTo(1);
    assertThat(of(primary, "primary")).isEqualTo(1);
    assertThat(of(primary, "up")).isEqualTo(1);
    assertThat(of(first, "primary")).isZero();
    primary.kill();
    await().until(() -> gauge("writable") == 0);
    await().until(() -> of(primary, "up") == 0);
    try (RequestContext.Scope scope =
        RequestContext.builder().timeout(Duration.ofMillis(50)).build().attach()) {
      assertThatThrownBy(() -> fleet.insert(1)).isInstanceOf(NoPrimaryException.class);
    }
    assertThat(count("refused", "reason", "refused_no_primary")).isEqualTo(1);
    first.promote();
    fleet.insert(2);
    assertThat(gauge("writable")).isEqualTo(1);
    assertThat(gauge("timeline")).isEqualTo(timeline + 1);
    assertThat(of(first, "primary")).isEqualTo(1);
    assertThat(of(primary, "primary")).isZero();
    assertThat(routed(first, "write")).isEqualTo(1);
  }

  @Test
  void ejectionsConflictsAndUnknownOutcomesAreSeen() {
    Routes routes = fleet.dataSource().routes();
    Node replica = routes.nodes().get(1);
    assertThat(of(first, "ejected")).isZero();
    for (int i = 0; i < 100; i++) {
      replica.health().failed();
    }
    assertThat(of(first, "ejected")).isEqualTo(1);
    assertThat(of(second, "ejected")).isZero();
    routes.counts().conflict(replica);
    assertThat(count("conflicts", "node", first.name())).isEqualTo(1);
    assertThat(count("conflicts")).isEqualTo(1);
    routes.counts().unknownOutcome();
    assertThat(count("unknown.outcomes")).isEqualTo(1);
  }

  @Test
  void theLagOfANodeThatNeverAnsweredIsNoNumber() {
    fleet.close();
    first.kill();
    fleet = bound(1);
    assertThat(of(first, "lag")).isNaN();
    assertThat(of(first, "up")).isZero();
  }

  @Test
  void bindingTwiceChangesNothing() throws SQLException {
    int meters = registry.getMeters().size();
    double reads = routed(first, "fresh") + routed(second, "fresh");
    RoutingMetrics.of(fleet.dataSource()).bindTo(registry);
    fleet.readNode();
    assertThat(registry.getMeters()).hasSize(meters);
    assertThat(routed(first, "fresh") + routed(second, "fresh")).isEqualTo(reads + 1);
    fleet.dataSource().close();
    assertThat(registry.getMeters()).isEmpty();
  }

  /** Else its meters would stand for ever in the place of its successor's. */
  @Test
  void oneThatIsClosedLeavesRoomForAnotherOfItsName() throws SQLException {
    Fleet before = fleet;
    fleet.insert(1);
    before.close();
    assertThat(registry.getMeters()).isEmpty();
    fleet = bound(1);
    before.dataSource().close();
    fleet.insert(2);
    assertThat(routed(primary, "write")).isEqualTo(1);
    assertThat(gauge("writable")).isEqualTo(1);
  }

  @Test
  void oneThatIsClosedAlreadyLeavesNoMeters() {
    fleet.dataSource().close();
    SimpleMeterRegistry other = new SimpleMeterRegistry();
    RoutingMetrics.of(fleet.dataSource()).bindTo(other);
    assertThat(other.getMeters()).isEmpty();
  }

  @Test
  void metersKeepNoDataSourceAlive() {
    WeakReference<ReplicaDataSource> forgotten = new WeakReference<>(fleet.dataSource());
    SimpleMeterRegistry keepsAll = new KeepsAll();
    RoutingMetrics.of(fleet.dataSource()).bindTo(keepsAll);
    fleet.close();
    fleet = bound(1);
    await()
        .until(
            () -> {
              System.gc();
              return forgotten.get() == null;
            });
    assertThat(keepsAll.get("headroom.routing.writable").gauge().value()).isNaN();
  }

  /** Meters that somebody goes on looking at, though their data source is closed. */
  private static final class KeepsAll extends SimpleMeterRegistry {
    @Override
    public @Nullable Meter remove(Meter meter) {
      return null;
    }
  }
}
