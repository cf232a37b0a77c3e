package io.headroom.benchmarks.soak;

import io.headroom.testkit.servers.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;

/** Faults, one after the other, with calm between them, by a seed. For one thread. */
final class SoakFaults {
  private static final int CALM_AT_LEAST_MILLIS = 8_000;
  private static final int CALM_SPREAD_MILLIS = 12_000;

  private final SoakServers servers;
  private final FaultWindows windows;
  private final Random random;
  private final Map<String, Integer> counts = new ConcurrentSkipListMap<>();
  private volatile String current = "";

  SoakFaults(SoakServers servers, FaultWindows windows, long seed) {
    this.servers = servers;
    this.windows = windows;
    this.random = new Random(seed);
  }

  /** Goes on until then; ends with everything mended. */
  void run(long untilNanos) throws Exception {
    while (true) {
      Thread.sleep(CALM_AT_LEAST_MILLIS + random.nextInt(CALM_SPREAD_MILLIS));
      if (untilNanos - System.nanoTime() < FaultWindows.AFTERWARDS.toNanos() * 2) {
        return;
      }
      strike();
      current = "";
      windows.mended(System.nanoTime());
      Thread.sleep(FaultWindows.AFTERWARDS.toMillis());
    }
  }

  /** How often which fault was; any thread may ask. */
  Map<String, Integer> counts() {
    return counts;
  }

  /** What fails now; empty if nothing does. */
  String current() {
    return current;
  }

  private void strike() throws Exception {
    String shard = servers.shards().get(random.nextInt(SoakServers.SHARDS));
    List<PostgresServer> replicas = servers.replicas(shard);
    PostgresServer replica = replicas.get(random.nextInt(replicas.size()));
    switch (random.nextInt(8)) {
      case 0 -> during("replica killed", replica::kill, replica::restart);
      case 1 -> during("replica stopped", replica::stop, replica::resume);
      case 2 -> during("replica lags", replica::pauseReplay, replica::resumeReplay);
      case 3 -> during("Redis killed", servers.redis()::kill, servers.redis()::restart);
      case 4 -> during("Redis stopped", servers.redis()::stop, servers.redis()::resume);
      case 5 -> {
        struck("sessions ended");
        endSessions(servers.primary(shard));
      }
      case 6 ->
          during("primary stopped", servers.primary(shard)::stop, servers.primary(shard)::resume);
      default -> {
        struck("primary killed");
        PostgresServer old = servers.failOver(shard);
        pause();
        servers.rejoin(shard, old);
      }
    }
  }

  private void during(String fault, Runnable begin, Runnable end) throws InterruptedException {
    struck(fault);
    begin.run();
    try {
      pause();
    } finally {
      end.run();
    }
  }

  private void struck(String fault) {
    windows.begin(fault, System.nanoTime());
    counts.merge(fault, 1, Integer::sum);
    current = fault;
  }

  private void pause() throws InterruptedException {
    Thread.sleep(1_000 + random.nextInt(4_000));
  }

  private static void endSessions(PostgresServer server) throws SQLException {
    SoakServers.execute(
        server,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
  }
}
