package io.headroom.examples.quickstart;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.LoadLevel;
import io.headroom.examples.quickstart.service.Node;
import io.headroom.guard.GuardListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The same spike on the same small pool twice: bare, and with a guard. How much the pool can do is
 * set by how long a statement sleeps, so that the machine is not the limit, and measured first.
 */
final class Spike {

  static final int CONNECTIONS = 10;

  private static final Duration MEASURING = Duration.ofMillis(1_500);

  /**
   * Some seconds; but if load has raised a level twice, as a stall may, it is kept for a minute.
   */
  private static final Duration LONGEST_RECOVERY = Duration.ofSeconds(150);

  private final Node node;
  private final Screen screen;
  private final Events events;

  /**
   * A spike that has not come yet.
   *
   * @param node the server that it is for
   * @param events hear of the guarded one
   */
  Spike(Node node, Screen screen, Events events) {
    this.node = node;
    this.screen = screen;
    this.events = events;
  }

  SpikeVerdict run() throws Exception {
    try (HikariDataSource pool = pool()) {
      double capacity = capacity(pool);
      screen.line(
          String.format(
              Locale.ROOT,
              "   %d connections to %s and %d ms for a request: %d threads get %.1f a second done",
              CONNECTIONS,
              node.name(),
              Service.WORK.toMillis(),
              CONNECTIONS,
              capacity));
      SpikeFigures bare = bare(pool, capacity);
      return guarded(pool, capacity, bare);
    }
  }

  private HikariDataSource pool() {
    HikariConfig config = new HikariConfig();
    config.setPoolName("spike");
    config.setJdbcUrl(node.url());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setConnectionTimeout(SpikeLoad.PATIENCE.toMillis()); // nobody is there for longer
    return new HikariDataSource(config);
  }

  /** Of as many threads as there are connections, which always ask. */
  private static double capacity(HikariDataSource pool) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
    try {
      fill(pool);
      long begin = System.nanoTime();
      List<Future<Long>> served = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        served.add(threads.submit(() -> workUntil(pool, begin + MEASURING.toNanos())));
      }
      long all = 0;
      for (Future<Long> each : served) {
        all += each.get();
      }
      return all / ((System.nanoTime() - begin) / 1e9);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Makes it have all its connections: the first to ask would wait for them otherwise. */
  private static void fill(HikariDataSource pool) throws SQLException {
    List<Connection> all = new ArrayList<>();
    try {
      while (all.size() < CONNECTIONS) {
        all.add(pool.getConnection());
      }
    } finally {
      for (Connection each : all) {
        each.close();
      }
    }
  }

  private static long workUntil(HikariDataSource pool, long endNanos) throws SQLException {
    long served = 0;
    while (System.nanoTime() - endNanos < 0) {
      Service.work(pool);
      served++;
    }
    return served;
  }

  private SpikeFigures bare(HikariDataSource pool, double capacity) throws InterruptedException {
    try (SpikeLoad load =
        new SpikeLoad(request -> Service.work(pool), capacity, screen, "bare pool")) {
      load.spike();
      return load.end();
    }
  }

  private SpikeVerdict guarded(HikariDataSource pool, double capacity, SpikeFigures bare)
      throws InterruptedException {
    Levels levels = new Levels(events);
    try (GuardedService service = new GuardedService(pool, levels);
        SpikeLoad load = new SpikeLoad(service, capacity, screen, "guarded pool")) {
      events.show(true);
      events.mark("a spike comes to a guarded pool");
      load.spike();
      events.mark("the spike is over");
      Optional<Duration> recovery =
          load.afterwards(() -> service.level() == LoadLevel.NORMAL, LONGEST_RECOVERY);
      events.show(false);
      return new SpikeVerdict(capacity, bare, load.end(), levels.highest, recovery);
    }
  }

  /** Tells of the pool's levels as they change, on the guard's one thread. */
  private static final class Levels implements GuardListener {

    private final Events events;
    private volatile LoadLevel highest = LoadLevel.NORMAL;

    Levels(Events events) {
      this.events = events;
    }

    @Override
    public void onLevelChanged(String resource, LoadLevel from, LoadLevel to) {
      if (to.atLeast(highest)) {
        highest = to;
      }
      events.onLevel("spike", resource, from.name(), to.name());
    }
  }
}
