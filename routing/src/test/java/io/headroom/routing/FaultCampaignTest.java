package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A minute of work over a primary and two replicas, one of which every commit waits for, while
 * faults come at random: replicas killed, stopped, paused, delayed; networks that swallow, break
 * off and delay; the primary killed and replaced.
 *
 * <p>Writers hand their tokens to readers on other threads, which must see what was written;
 * monotonic readers must never see less than before; in the end every acknowledged write is there.
 */
@Tag("faults")
class FaultCampaignTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2).exclusive();

  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("headroom.campaign.seconds", 60));

  private final long seed = Long.getLong("headroom.campaign.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<PostgresServer, FaultProxy> proxies = new LinkedHashMap<>();
  private final AtomicLong onReplicas = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final Map<String, Integer> faults = new TreeMap<>();
  private PostgresServer primary;
  private Fleet fleet;
  private CampaignLoad load;

  @Test
  void nothingIsLostAndNothingIsStale() throws Exception {
    System.out.println("campaign seed=" + seed);
    List<PostgresServer> servers = new ArrayList<>(List.of(postgres.server(0)));
    servers.addAll(postgres.replicasOf(0));
    primary = servers.get(0);
    servers.forEach(server -> proxies.put(server, FaultProxy.to(server)));
    servers.forEach(this::commitSynchronously);
    fleet =
        new Fleet(
            servers,
            postgres.database(),
            server -> proxies.get(server).port(),
            builder ->
                builder
                    .primarySpill(10_000)
                    .listener(
                        new RoutingListener() {
                          @Override
                          public void onRouted(String cluster, String node, RouteReason reason) {
                            if (reason != RouteReason.WRITE) {
                              reads.incrementAndGet();
                              onReplicas.addAndGet(
                                  reason == RouteReason.FRESH || reason == RouteReason.WAITED
                                      ? 1
                                      : 0);
                            }
                          }
                        }));
    fleet.createTable();
    fleet.insert(0);
    try (CampaignLoad work = new CampaignLoad(fleet)) {
      load = work;
      long began = System.nanoTime();
      long gap = 0;
      while (System.nanoTime() - began < LENGTH.toNanos()) {
        gap = Math.max(gap, strike());
        load.awaitWrites(20);
      }
      load.end();
      report(gap);
    } finally {
      fleet.close();
      proxies.values().forEach(FaultProxy::close);
    }
  }

  /** Each server waits for one of the two others, whenever it is the primary. */
  private void commitSynchronously(PostgresServer server) {
    String others =
        proxies.keySet().stream()
            .filter(other -> !other.equals(server))
            .map(other -> '"' + other.name() + '"')
            .collect(Collectors.joining(", "));
    server.set("synchronous_standby_names", "ANY 1 (" + others + ")");
  }

  private void during(Runnable begin, Runnable end) {
    begin.run();
    try {
      load.awaitWrites(10 + random.nextInt(60));
    } finally {
      end.run();
    }
  }

  /** The gap in writes, if the fault was a failover. */
  private long strike() {
    List<PostgresServer> replicas =
        proxies.keySet().stream().filter(server -> !server.equals(primary)).toList();
    PostgresServer victim = replicas.get(random.nextInt(replicas.size()));
    FaultProxy way = proxies.get(victim);
    String[] kinds = {
      "kill",
      "stop",
      "pause",
      "delay",
      "black-hole",
      "reset",
      "latency",
      "primary-reset",
      "primary-silent",
      "failover",
      "zombie"
    };
    String kind = kinds[random.nextInt(kinds.length)];
    faults.merge(kind, 1, Integer::sum);
    switch (kind) {
      case "kill" -> during(victim::kill, victim::restart);
      case "stop" -> during(victim::stop, victim::resume);
      case "pause" -> during(victim::pauseReplay, victim::resumeReplay);
      case "delay" ->
          during(
              () -> victim.applyDelay(Duration.ofSeconds(1)),
              () -> victim.applyDelay(Duration.ZERO));
      case "black-hole" -> during(() -> way.blackHole(Direction.BOTH), way::heal);
      case "reset" -> way.resetAll();
      case "latency" -> during(() -> way.latency(Duration.ofMillis(20)), way::heal);
      case "primary-reset" -> proxies.get(primary).resetAll();
      case "primary-silent" -> {
        proxies.get(primary).blackHole(Direction.TO_CLIENT);
        Awaitility.await().until(() -> fleet.primary().equals("none"));
        proxies.get(primary).heal();
      }
      case "zombie" -> {
        return replaceAZombie(replicas);
      }
      default -> {
        return failOver();
      }
    }
    return 0;
  }

  private long failOver() {
    long began = System.nanoTime();
    PostgresServer old = primary;
    primary = old.failOver();
    load.awaitWrites(1);
    long gap = System.nanoTime() - began;
    old.recloneFrom(primary);
    commitSynchronously(old);
    return gap;
  }

  /** The old primary hangs while another is promoted, and then goes on as if nothing had been. */
  private long replaceAZombie(List<PostgresServer> replicas) {
    PostgresServer old = primary;
    long began = System.nanoTime();
    old.stop();
    boolean firstHasMore = received(replicas.get(0)) > received(replicas.get(1));
    primary = replicas.get(firstHasMore ? 0 : 1);
    primary.promote();
    replicas.get(firstHasMore ? 1 : 0).follow(primary);
    load.awaitWrites(1);
    long gap = System.nanoTime() - began;
    old.resume();
    load.awaitWrites(30);
    old.recloneFrom(primary);
    commitSynchronously(old);
    return gap;
  }

  private static long received(PostgresServer replica) {
    try (Connection connection = replica.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'")) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void report(long gapNanos) throws SQLException {
    Set<Long> lost = load.lost();
    System.out.printf(
        "campaign seed=%d seconds=%d faults=%s lost_writes=%d longest_failover_ms=%d"
            + " replica_reads=%.1f%% %s%n",
        seed,
        LENGTH.toSeconds(),
        faults,
        lost.size(),
        TimeUnit.NANOSECONDS.toMillis(gapNanos),
        100.0 * onReplicas.get() / Math.max(1, reads.get()),
        load.figures());
    load.requireNothingWrong();
    assertThat(lost).as("acknowledged writes that were lost").isEmpty();
    assertThat(fleet.borrowed()).as("connections not given back").isZero();
    assertThat(fleet.dataSource().nodes()).allMatch(view -> view.inFlight() == 0);
  }
}
