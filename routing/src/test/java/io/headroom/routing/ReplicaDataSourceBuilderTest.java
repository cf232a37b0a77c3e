package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.PostgresExtension;
import java.time.Duration;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Bad input: named at the earliest moment, with the mend. */
class ReplicaDataSourceBuilderTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private final ReplicaDataSourceBuilder builder = ReplicaDataSource.builder("orders");

  private static DataSource pool() {
    return new PGSimpleDataSource();
  }

  @Test
  void aClusterHasAPrimary() {
    assertThatThrownBy(builder.replica("b", pool())::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cluster 'orders' has no primary: name it with primary(name, pool)");
  }

  @Test
  void aClusterHasOnePrimary() {
    builder.primary("a", pool());
    assertThatThrownBy(() -> builder.primary("b", pool()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("two primaries: 'a' and 'b'");
  }

  @Test
  void eachNodeHasItsOwnPoolAndName() {
    DataSource shared = pool();
    builder.primary("a", shared);
    assertThatThrownBy(() -> builder.replica("b", shared))
        .hasMessage("nodes 'a' and 'b' have the same pool: give each its own");
    assertThatThrownBy(() -> builder.replica("a", pool()))
        .hasMessageContaining("node 'a' is there twice");
    assertThatThrownBy(() -> builder.replica(" ", pool())).hasMessage("node must not be blank");
    assertThatThrownBy(() -> builder.replica("c", null))
        .hasMessage("pool of node 'c' must not be null");
  }

  @Test
  void optionsNameNodesThatAreThere() {
    builder.primary("a", pool()).replica("b", pool()).weight("c", 2);
    assertThatThrownBy(builder::build)
        .hasMessage("weight is set for [c], but the nodes of cluster 'orders' are [a, b]");
  }

  @Test
  void zonesNameNodesThatAreThere() {
    builder.primary("a", pool()).zone("x", "eu-1");
    assertThatThrownBy(builder::build).hasMessageContaining("zone is set for [x]");
  }

  @Test
  void backupsAndProbesNameNodesThatAreThere() {
    builder.primary("a", pool()).backup("x");
    assertThatThrownBy(builder::build)
        .hasMessage("backup is set for [x], but the nodes of cluster 'orders' are [a]");
    ReplicaDataSourceBuilder other =
        ReplicaDataSource.builder("orders").primary("a", pool()).probeVia("y", pool());
    assertThatThrownBy(other::build)
        .hasMessage("probeVia is set for [y], but the nodes of cluster 'orders' are [a]");
  }

  @Test
  void loadsAreToldOfNodesThatAreThere() {
    builder.primary("a", pool()).loadResource("x", "pool");
    assertThatThrownBy(builder::build)
        .hasMessage("loadResource is set for [x], but the nodes of cluster 'orders' are [a]");
  }

  @Test
  void aPoolIsCalledLikeItsClusterOrByItsNodeUnlessItIsNamed() {
    NodeList nodes = new NodeList("orders");
    nodes.add("b", pool());
    nodes.primary("a", pool());
    nodes.add("c", pool());
    nodes.loadResource("c", "reports");
    assertThat(nodes.settings("a", 1).resource()).isEqualTo("orders");
    assertThat(nodes.settings("b", 1).resource()).isEqualTo("orders/b");
    assertThat(nodes.settings("c", 1).resource()).isEqualTo("reports");
  }

  @Test
  void theLocalZoneIsTheZoneOfANode() {
    builder.primary("a", pool()).zone("a", "eu-1").localZone("eu-2");
    assertThatThrownBy(builder::build)
        .hasMessageContaining("localZone 'eu-2'")
        .hasMessageContaining("[eu-1]");
  }

  @Test
  void thePrimaryIsNoBackup() {
    builder.primary("a", pool()).backup("a");
    assertThatThrownBy(builder::build).hasMessageContaining("is the primary and a backup");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, 1_001})
  void weightsAreInRange(double weight) {
    assertThatThrownBy(() -> builder.weight("a", weight))
        .hasMessage("weight of node 'a' must be more than 0 and at most 1000, was " + weight);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "PT2H"})
  void boundsAreInRange(String text) {
    Duration bound = Duration.parse(text);
    assertThatThrownBy(() -> builder.replicaWait(bound)).hasMessageContaining("was " + text);
    assertThatThrownBy(() -> builder.primaryWait(bound)).hasMessageContaining("was " + text);
    assertThatThrownBy(() -> builder.probeInterval(bound)).hasMessageContaining("was " + text);
    assertThatThrownBy(() -> builder.probeTimeout(bound)).hasMessageContaining("was " + text);
  }

  @Test
  void aProbeTakesLessThanAMinute() {
    builder.probeTimeout(Duration.ofMinutes(1)).probeInterval(Duration.ofHours(1));
    ReplicaDataSourceBuilder other = ReplicaDataSource.builder("orders");
    assertThatThrownBy(() -> other.probeTimeout(Duration.ofMinutes(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("probeTimeout must be PT0.01S to PT1M, was PT2M");
    assertThatThrownBy(() -> other.probeInterval(Duration.ofMillis(9)))
        .hasMessage("probeInterval must be PT0.01S to PT1H, was PT0.009S");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void theSpillBudgetIsInRange(double perSecond) {
    assertThatThrownBy(() -> builder.primarySpill(perSecond))
        .hasMessage("primarySpill must be 0 to 1000000 reads a second, was " + perSecond);
  }

  @Test
  void aNameThatNoTokenWouldTakeIsRefused() {
    assertThat(ReplicaDataSource.builder("é".repeat(25))).isNotNull();
    assertThatThrownBy(() -> ReplicaDataSource.builder("é".repeat(25) + "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has a name of 51 bytes; take one of 50 at most");
  }

  @Test
  void threadsThatAreClosedAreRefused() {
    ProbeThreads closed = ProbeThreads.create(1);
    closed.close();
    assertThatThrownBy(() -> builder.probeThreads(closed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("probeThreads of cluster 'orders' are closed");
  }

  @Test
  void anOptionIsSetOnce() {
    builder.primarySpill(1).zone("a", "x").weight("a", 1).backup("a").localZone("x");
    setTwice("primarySpill", () -> builder.primarySpill(1));
    setTwice("zone of node 'a'", () -> builder.zone("a", "x"));
    setTwice("weight of node 'a'", () -> builder.weight("a", 1));
    setTwice("backup of node 'a'", () -> builder.backup("a"));
    setTwice("localZone", () -> builder.localZone("x"));
    builder.loadResource("a", "pool");
    setTwice("loadResource of node 'a'", () -> builder.loadResource("a", "pool"));
  }

  private static void setTwice(String option, ThrowingCallable again) {
    assertThatThrownBy(again)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cluster 'orders': " + option + " is set twice: set it once");
  }

  @Test
  void everyNameIsThere() {
    assertThatThrownBy(() -> ReplicaDataSource.builder(" "))
        .hasMessage("cluster must not be blank");
    assertThatThrownBy(() -> ReplicaDataSource.builder(null))
        .hasMessage("cluster must not be null");
    assertThatThrownBy(() -> builder.zone("a", "")).hasMessage("zone must not be blank");
    assertThatThrownBy(() -> builder.localZone(" ")).hasMessage("localZone must not be blank");
    assertThatThrownBy(() -> builder.loadResource("a", ""))
        .hasMessage("loadResource of node 'a' must not be blank");
  }

  @Test
  void aClusterHasAtMost64Nodes() {
    builder.primary("a", pool());
    for (int replica = 1; replica < 64; replica++) {
      builder.replica("replica-" + replica, pool());
    }
    assertThatThrownBy(() -> builder.replica("one-more", pool()))
        .hasMessage("a cluster has at most 64 nodes");
  }

  @Test
  void aClusterOfOneReadsFromItsPrimary() throws Exception {
    try (ReplicaDataSource alone = builder.primary("a", postgres.dataSource(0)).build();
        var connection = alone.getConnection()) {
      connection.setReadOnly(true);
      try (var statement = connection.createStatement();
          var row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getBoolean(1)).isFalse();
      }
      assertThat(alone.routes().counts().routed(0, RouteReason.NO_REPLICAS)).isEqualTo(1);
    }
  }
}
