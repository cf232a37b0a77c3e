package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
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
@SuppressWarnings("try") // scopes are opened for their effect
class FaultCampaignTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2).exclusive();

  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("headroom.campaign.seconds", 60));
  private static final int WRITERS = 2;
  private static final int READERS = 2;
  private static final int MONOTONIC = 1;

  private record Written(long id, String token) {}

  private final long seed = Long.getLong("headroom.campaign.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<PostgresServer, FaultProxy> proxies = new LinkedHashMap<>();
  private final BlockingQueue<Written> handedOn = new ArrayBlockingQueue<>(64);
  private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong ownReads = new AtomicLong();
  private final AtomicLong stale = new AtomicLong();
  private final AtomicLong monotonicReads = new AtomicLong();
  private final AtomicLong stepsBack = new AtomicLong();
  private final AtomicLong stepsBackOnPrimary = new AtomicLong();
  private final AtomicLong worstNanos = new AtomicLong();
  private final AtomicLong onReplicas = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final ConcurrentMap<String, Long> failures = new ConcurrentHashMap<>();
  private final Map<String, Integer> faults = new TreeMap<>();
  private final List<Throwable> broken = new ArrayList<>();
  private volatile boolean over;
  private PostgresServer primary;
  private Fleet fleet;

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
                          public void onRouted(String node, RouteReason reason) {
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
    try {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        long first = 1L + i;
        threads.add(start("writer-" + i, () -> write(first)));
      }
      for (int i = 0; i < READERS; i++) {
        threads.add(start("reader-" + i, this::readHandedOn));
      }
      for (int i = 0; i < MONOTONIC; i++) {
        threads.add(start("monotonic-" + i, this::readMonotonically));
      }
      long began = System.nanoTime();
      long gap = 0;
      while (System.nanoTime() - began < LENGTH.toNanos()) {
        gap = Math.max(gap, strike());
        awaitWrites(20);
      }
      over = true;
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(thread.isAlive()).as(thread + " is stuck").isFalse();
      }
      report(gap);
    } finally {
      over = true;
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

  private Thread start(String name, Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (RuntimeException | Error e) {
                synchronized (broken) {
                  broken.add(e);
                }
              }
            },
            name);
    thread.start();
    return thread;
  }

  // the work

  private void write(long first) {
    for (long id = first; !over; id += WRITERS) {
      long now = id;
      try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
        boolean written =
            timed(
                () -> {
                  try (Connection connection = fleet.dataSource().getConnection();
                      PreparedStatement insert =
                          connection.prepareStatement("INSERT INTO notes VALUES (?, 'w')")) {
                    connection.setAutoCommit(now % 4 < 2);
                    insert.setLong(1, now);
                    insert.executeUpdate();
                    if (now % 4 >= 2) {
                      connection.commit();
                    }
                  }
                });
        if (written) {
          acknowledged.add(now);
          writes.incrementAndGet();
          handedOn.offer(new Written(now, RequestContext.current().token().toString()));
        }
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  private void readHandedOn() {
    while (!over) {
      Written written;
      try {
        written = handedOn.poll(100, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
      if (written == null) {
        continue;
      }
      RequestContext request = RequestContext.builder().build();
      request.observe(ConsistencyToken.parse(written.token()));
      try (RequestContext.Scope scope = request.attach()) {
        timed(
            () -> {
              boolean seen =
                  fleet.dataSource().read(connection -> Fleet.sees(connection, written.id()));
              ownReads.incrementAndGet();
              if (!seen) {
                stale.incrementAndGet();
                System.out.println("stale: " + written + ", nodes " + fleet.dataSource().nodes());
              }
            });
      }
    }
  }

  private void readMonotonically() {
    while (!over) {
      long[] most = {-1};
      try (RequestContext.Scope scope =
          RequestContext.builder().with(Consistency.KEY, Consistency.MONOTONIC).build().attach()) {
        for (int i = 0; i < 20 && !over; i++) {
          timed(() -> readOnce(most));
        }
      }
    }
  }

  private void readOnce(long[] most) throws SQLException {
    try (Connection connection = fleet.dataSource().getConnection()) {
      connection.setReadOnly(true);
      long count;
      boolean primaryServed;
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT count(*), pg_is_in_recovery() FROM notes")) {
        row.next();
        count = row.getLong(1);
        primaryServed = !row.getBoolean(2);
      }
      monotonicReads.incrementAndGet();
      if (count < most[0]) {
        // the primary may not show yet what waits for a synchronous replica, which shows it
        (primaryServed ? stepsBackOnPrimary : stepsBack).incrementAndGet();
      }
      most[0] = Math.max(most[0], count);
    }
  }

  private interface Work {
    void run() throws SQLException;
  }

  private boolean timed(Work work) {
    long began = System.nanoTime();
    try {
      work.run();
      return true;
    } catch (UnknownOutcomeException e) {
      unknown.incrementAndGet();
      return false;
    } catch (SQLException e) {
      failures.merge(e.getClass().getSimpleName() + "/" + e.getSQLState(), 1L, Long::sum);
      return false;
    } finally {
      worstNanos.accumulateAndGet(System.nanoTime() - began, Math::max);
    }
  }

  private void awaitWrites(int more) {
    long target = writes.get() + more;
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> writes.get() >= target);
  }

  // the faults

  private void during(Runnable begin, Runnable end) {
    begin.run();
    try {
      awaitWrites(10 + random.nextInt(60));
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
    awaitWrites(1);
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
    awaitWrites(1);
    long gap = System.nanoTime() - began;
    old.resume();
    awaitWrites(30);
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
    Set<Long> missing = new HashSet<>(acknowledged);
    try (Connection connection = fleet.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM notes")) {
      while (rows.next()) {
        missing.remove(rows.getLong(1));
      }
    }
    System.out.printf(
        "campaign seed=%d seconds=%d faults=%s writes=%d unknown=%d own_reads=%d stale_reads=%d"
            + " monotonic_reads=%d steps_back=%d steps_back_on_primary=%d lost_writes=%d"
            + " longest_failover_ms=%d worst_call_ms=%d replica_reads=%.1f%% failures=%s%n",
        seed,
        LENGTH.toSeconds(),
        faults,
        writes.get(),
        unknown.get(),
        ownReads.get(),
        stale.get(),
        monotonicReads.get(),
        stepsBack.get(),
        stepsBackOnPrimary.get(),
        missing.size(),
        TimeUnit.NANOSECONDS.toMillis(gapNanos),
        TimeUnit.NANOSECONDS.toMillis(worstNanos.get()),
        100.0 * onReplicas.get() / Math.max(1, reads.get()),
        new TreeMap<>(failures));
    @Nullable Throwable first = broken.isEmpty() ? null : broken.get(0);
    assertThat(first).as("what ended a thread").isNull();
    assertThat(stale).as("stale reads after own writes").hasValue(0);
    assertThat(stepsBack).as("monotonic reads that stepped back among replicas").hasValue(0);
    assertThat(missing).as("acknowledged writes that were lost").isEmpty();
    assertThat(Duration.ofNanos(worstNanos.get())).isLessThan(Fleet.BOUND);
    assertThat(fleet.borrowed()).as("connections not given back").isZero();
    assertThat(fleet.dataSource().nodes()).allMatch(view -> view.inFlight() == 0);
  }
}
