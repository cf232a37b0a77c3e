package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A primary and two replicas, each behind a proxy of its own; and what must hold after every fault:
 * nothing is leaked, and no call took longer than its bound.
 */
abstract class FaultTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  /** What the listener heard that an operator must look at. */
  final Queue<String> trouble = new ConcurrentLinkedQueue<>();

  /** When work went to a node for the first time since this was cleared. */
  final Map<String, Long> firstRouted = new ConcurrentHashMap<>();

  /**
   * What events said that they were about, where it was neither this cluster nor one of its nodes,
   * or another than before.
   */
  final Queue<String> misnamed = new ConcurrentLinkedQueue<>();

  final Map<PostgresServer, FaultProxy> proxies = new LinkedHashMap<>();
  PostgresServer primary;
  PostgresServer first;
  PostgresServer second;
  Fleet fleet;

  @BeforeEach
  void open() throws SQLException {
    primary = postgres.server(0);
    first = postgres.replicasOf(0).get(0);
    second = postgres.replicasOf(0).get(1);
    fleet = fleetOf(primary, first, second);
    fleet.createTable();
  }

  final Fleet fleetOf(PostgresServer... servers) {
    return fleetOf(builder -> builder, servers);
  }

  final Fleet fleetOf(UnaryOperator<ReplicaDataSourceBuilder> options, PostgresServer... servers) {
    for (PostgresServer server : servers) {
      proxies.computeIfAbsent(server, FaultProxy::to);
    }
    return new Fleet(
        List.of(servers),
        postgres.database(),
        server -> proxies.get(server).port(),
        builder ->
            options
                .apply(builder)
                .primarySpill(10_000)
                .listener(
                    new Watching(
                        Arrays.stream(servers)
                            .map(PostgresServer::name)
                            .collect(Collectors.toSet()))));
  }

  /** Hears all events: of the cluster, and of nodes that it has. */
  private final class Watching implements RoutingListener {

    private final Set<String> nodes;
    private @Nullable String leads;

    Watching(Set<String> nodes) {
      this.nodes = nodes;
    }

    private void names(String cluster, @Nullable String node) {
      if (!cluster.equals("orders") || (node != null && !nodes.contains(node))) {
        misnamed.add(cluster + "/" + node);
      }
    }

    @Override
    public void onRouted(String cluster, String node, RouteReason reason) {
      names(cluster, node);
      firstRouted.putIfAbsent(node, System.nanoTime());
    }

    @Override
    public void onRefused(String cluster, RouteReason reason) {
      names(cluster, null);
    }

    @Override
    public void onWaited(String cluster, String node, long waitNanos, boolean caughtUp) {
      names(cluster, node);
    }

    @Override
    public void onUp(String cluster, String node) {
      names(cluster, node);
    }

    @Override
    public void onDown(String cluster, String node, Exception cause) {
      names(cluster, node);
    }

    @Override
    public void onEjected(String cluster, String node, long forNanos) {
      names(cluster, node);
    }

    @Override
    public void onReturned(String cluster, String node) {
      names(cluster, node);
    }

    @Override
    public synchronized void onPrimaryChanged(
        String cluster, @Nullable String from, @Nullable String to, long timeline) {
      names(cluster, from);
      names(cluster, to);
      if (!Objects.equals(from, leads)) {
        misnamed.add("from " + from + ", though it was " + leads);
      }
      leads = to;
    }

    @Override
    public void onTrouble(String cluster, String what) {
      names(cluster, null);
      trouble.add(what);
    }

    @Override
    public void onUnknownOutcome(String cluster, String node) {
      names(cluster, node);
    }
  }

  final FaultProxy proxy(PostgresServer server) {
    return proxies.get(server);
  }

  @AfterEach
  final void nothingIsLeaked() {
    try {
      assertThat(misnamed).as("names in events").isEmpty();
      assertThat(fleet.borrowed()).as("connections not given back").isZero();
      assertThat(fleet.dataSource().nodes()).allMatch(view -> view.inFlight() == 0);
      assertThat(fleet.dataSource().routes().nodes())
          .as("permits to wait, and to be a guest")
          .allMatch(node -> node.waiters().availablePermits() == Fleet.POOL_SIZE / 2)
          .allMatch(node -> node.guests().availablePermits() == Fleet.POOL_SIZE / 2);
    } finally {
      fleet.close();
      List<FaultProxy> open = new ArrayList<>(proxies.values());
      proxies.clear();
      open.forEach(FaultProxy::close);
      postgres.heal();
    }
  }

  final void awaitUp(PostgresServer server, boolean up) {
    Awaitility.await().until(() -> fleet.view(server.name()).up() == up);
  }

  final void awaitPrimary(PostgresServer server) {
    Awaitility.await().until(() -> fleet.primary().equals(server.name()));
  }

  static void requireNoFailure(Load load) {
    List<Throwable> failures = load.failures();
    assertThat(failures.size()).as(() -> "failures, first " + failures.get(0)).isZero();
  }

  /** Prints the figures, and requires what holds whatever the fault was. */
  final void report(String fault, Load load, long faultNanos) {
    System.out.println(load.figures(fault, faultNanos));
    assertThat(load.stale()).as("own writes that were not seen").isZero();
    assertThat(load.worstMillis()).as("the longest call").isLessThan(Fleet.BOUND.toMillis());
  }
}
