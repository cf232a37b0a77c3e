package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pools of two servers, which have six times as many connections as they may open together. */
class BudgetOnServersTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  /** How often connections are counted: each lives for longer than that. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private static final int POOLS = 6;
  private static final int SIZE = 10;
  private static final int THREADS = 16;
  private static final int REQUESTS = 400;
  private static final String PREFIX = "budget-";

  /** Of each pool, one that is being closed, or was being opened when it lost its allowance. */
  private static final int TRANSIENT = POOLS;

  private final List<HikariDataSource> pools = new ArrayList<>();
  private final List<DataSource> guarded = new ArrayList<>();

  @AfterEach
  void close() {
    pools.forEach(HikariDataSource::close);
  }

  private ConnectionGuard guard(int budget) {
    ConnectionGuard guard =
        ConnectionGuard.builder()
            .maximumWait(Duration.ofMinutes(1))
            .maximumWaiters(THREADS)
            .targetDelay(Duration.ofMinutes(1)) // nobody is shed
            .stuckAfter(Duration.ofMinutes(1))
            .budget(PoolBudget.of(budget).processes(2))
            .build();
    for (int i = 0; i < POOLS; i++) {
      HikariDataSource pool = new HikariDataSource();
      pool.setJdbcUrl(postgres.jdbcUrl(i % 2));
      pool.addDataSourceProperty("ApplicationName", PREFIX + i);
      pool.setMaximumPoolSize(SIZE);
      pools.add(pool);
      guarded.add(guard.protect("shard " + i, pool));
    }
    return guard;
  }

  /** How many connections both servers have of these pools. */
  private static int open(List<Connection> watchers) throws SQLException {
    int open = 0;
    for (Connection watcher : watchers) {
      try (PreparedStatement statement =
          watcher.prepareStatement(
              "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE ?")) {
        statement.setString(1, PREFIX + "%");
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          open += row.getInt(1);
        }
      }
    }
    return open;
  }

  @Test
  void allAreServedWithinTheBudgetAndIdlePoolsCloseAll() throws Exception {
    AtomicInteger hot = new AtomicInteger();
    serveAll(8, random -> random.nextInt(2) == 0 ? hot.get() : random.nextInt(POOLS), hot);
  }

  @Test
  void poolsTakeTurnsIfThereAreMoreOfThemThanConnections() throws Exception {
    serveAll(3, random -> random.nextInt(POOLS), new AtomicInteger());
  }

  private interface Choice {
    int of(ThreadLocalRandom random);
  }

  private void serveAll(int budget, Choice choice, AtomicInteger hot) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
    AtomicBoolean goOn = new AtomicBoolean(true);
    try (ConnectionGuard guard = guard(budget);
        Connection first = postgres.dataSource(0).getConnection();
        Connection second = postgres.dataSource(1).getConnection()) {
      List<Connection> watchers = List.of(first, second);
      Future<Integer> most = threads.submit(() -> mostOpen(watchers, goOn));
      List<Future<?>> requests = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        requests.add(threads.submit(() -> request(choice, hot)));
      }
      for (Future<?> each : requests) {
        each.get(5, TimeUnit.MINUTES);
      }
      goOn.set(false);
      assertThat(most.get(1, TimeUnit.MINUTES)).isBetween(1, budget + TRANSIENT);
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(open(watchers)).isLessThanOrEqualTo(budget));

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(open(watchers)).isZero());
      assertThat(Objects.requireNonNull(guard.allowances()).allotted()).isZero();
    } finally {
      goOn.set(false);
      threads.shutdownNow();
    }
  }

  private Void request(Choice choice, AtomicInteger hot) throws SQLException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    for (int i = 0; i < REQUESTS; i++) {
      if (random.nextInt(THREADS * 20) == 0) {
        hot.set(random.nextInt(POOLS));
      }
      try (Connection connection = guarded.get(choice.of(random)).getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_sleep(0.002)");
      }
    }
    return null;
  }

  private static Integer mostOpen(List<Connection> watchers, AtomicBoolean goOn)
      throws SQLException {
    int most = 0;
    while (goOn.get()) {
      most = Math.max(most, open(watchers));
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return most;
  }
}
