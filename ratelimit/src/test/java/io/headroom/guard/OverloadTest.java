package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real PostgreSQL gets more than it can do, by requests that do not wait for each other. How much
 * it can do is set by how long a statement sleeps, so that the machine is not the limit.
 */
class OverloadTest {

  private static final String SQL = "SELECT pg_sleep(0.05)";
  private static final Duration LENGTH = Duration.ofSeconds(4);

  @RegisterExtension
  static final PostgresExtension postgres =
      PostgresExtension.servers(1).setting("max_connections", "150").exclusive();

  private final Levels levels = new Levels();
  private final ConnectionGuard guard = ConnectionGuard.builder().listener(levels).build();
  private final long seed = System.nanoTime();

  @AfterEach
  void close() {
    guard.close();
    postgres.heal();
  }

  /** The levels of the pool, in turn. */
  private static final class Levels implements GuardListener {
    private final List<LoadLevel> all = new CopyOnWriteArrayList<>(List.of(LoadLevel.NORMAL));

    private final List<Long> at = new CopyOnWriteArrayList<>();

    @Override
    public void onLevelChanged(String resource, LoadLevel from, LoadLevel to) {
      if (resource.equals("orders")) {
        all.add(to);
        at.add(System.nanoTime());
      }
    }

    /** The most in any minute that begins at this time or later. */
    long mostInAMinute(long afterNanos) {
      long most = 0;
      for (long begin : at) {
        if (begin - afterNanos >= 0) {
          long end = begin + TimeUnit.MINUTES.toNanos(1);
          most = Math.max(most, at.stream().filter(t -> t - begin >= 0 && t - end < 0).count());
        }
      }
      return most;
    }

    /** How often they went up after they had gone down, or for the first time. */
    int excursions() {
      int times = 0;
      boolean wasDown = true;
      for (int i = 1; i < all.size(); i++) {
        boolean up = all.get(i).compareTo(all.get(i - 1)) > 0;
        times += up && wasDown ? 1 : 0;
        wasDown = !up;
      }
      return times;
    }

    @Override
    public String toString() {
      return all.toString();
    }
  }

  private static void print(String figures) {
    System.out.println("FIGURE " + figures);
  }

  /** Waits for it, and says how long it took; in two seconds, unless it was too much twice. */
  private String awaitNormal() {
    long begin = System.nanoTime();
    while (guard.levels().level("orders") != LoadLevel.NORMAL) {
      long now = System.nanoTime() - begin;
      assertThat(now).as("levels: %s", levels).isLessThan(TimeUnit.MINUTES.toNanos(2));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    long took = System.nanoTime() - begin;
    if (levels.excursions() < 2) {
      assertThat(took).as("levels: %s", levels).isLessThan(TimeUnit.SECONDS.toNanos(2));
    }
    return TimeUnit.NANOSECONDS.toMillis(took) + " ms, " + levels;
  }

  private OpenLoad load() {
    return new OpenLoad(SQL, seed);
  }

  private void assertGoodput(int size, double times, String sql) throws Exception {
    try (HikariDataSource pool = Pools.hikari(postgres, size)) {
      double capacity = OpenLoad.capacity(pool, sql, size);
      DataSource guarded = guard.protect("orders", pool);
      double offered = times * capacity;
      OpenLoad.Figures figures =
          new OpenLoad(sql, seed).of(guarded, Criticality.STANDARD, offered).run(LENGTH);
      String back = awaitNormal();
      OpenLoad.Figures bare =
          new OpenLoad(sql, seed).of(pool, Criticality.STANDARD, offered).run(LENGTH);
      print(
          ("pool of %d at %.1fx of %.0f/s, seed %d: goodput guarded %.0f%% bare %.0f%%,"
                  + " normal again after %s; guarded %s; bare %s")
              .formatted(
                  size,
                  times,
                  capacity,
                  seed,
                  100 * figures.goodput() / capacity,
                  100 * bare.goodput() / capacity,
                  back,
                  figures,
                  bare));
      assertThat(figures.goodput()).isGreaterThan(0.9 * Math.min(figures.offered(), capacity));
      assertThat(guard.status("orders").inUse()).as("permits that have leaked").isZero();
    }
  }

  @Test
  void tenTimesWhatThePoolCanDo() throws Exception {
    assertGoodput(10, 10, SQL);
  }

  @Tag("faults")
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 2})
  void someTimesWhatThePoolCanDo(double times) throws Exception {
    assertGoodput(10, times, SQL);
  }

  @Tag("faults")
  @Test
  void tenTimesWhatASmallPoolCanDo() throws Exception {
    assertGoodput(5, 10, SQL);
  }

  /** The service has twice as many threads as the pool has connections: they are short first. */
  @Tag("faults")
  @Test
  void tenTimesWhatALargePoolCanDo() throws Exception {
    assertGoodput(100, 10, "SELECT pg_sleep(0.2)"); // 5,000 a second are no work for two cores
  }

  /** Two seconds of five times what it can do, two of nothing, and again for over two minutes. */
  @Tag("faults")
  @Test
  void aSquareWaveDoesNotMakeItFlap() throws Exception {
    try (HikariDataSource pool = Pools.hikari(postgres, 10)) {
      double capacity = OpenLoad.capacity(pool, SQL, 10);
      DataSource guarded = guard.protect("orders", pool);
      Duration half = Duration.ofSeconds(2);
      long begin = System.nanoTime();
      long served = 0;
      for (int wave = 0; wave < 32; wave++) {
        OpenLoad.Figures figures = load().of(guarded, Criticality.STANDARD, 5 * capacity).run(half);
        served += figures.of.get("STANDARD").inTime();
        long next = begin + (wave + 1) * 2L * half.toNanos();
        for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
      }
      long most = levels.mostInAMinute(begin + TimeUnit.MINUTES.toNanos(1));
      print(
          "square wave, seed %d: %d level changes in a minute at most after the first; %s; %d served"
              .formatted(seed, most, levels, served));
      assertThat(levels.all).contains(LoadLevel.HIGH);
      assertThat(most).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void whatIsCriticalIsServedWhileThatFits() throws Exception {
    try (HikariDataSource pool = Pools.hikari(postgres, 10)) {
      double capacity = OpenLoad.capacity(pool, SQL, 10);
      DataSource guarded = guard.protect("orders", pool);
      OpenLoad.Figures figures =
          load()
              .of(guarded, Criticality.CRITICAL, 0.3 * capacity)
              .of(guarded, Criticality.STANDARD, 5 * capacity)
              .of(guarded, Criticality.SHEDDABLE, 5 * capacity)
              .run(LENGTH);
      print("criticality at 10.3x, seed %d: %s".formatted(seed, figures));
      OpenLoad.Outcome critical = figures.of.get("CRITICAL");
      assertThat(critical.refused.sum() + critical.failed.sum())
          .isLessThanOrEqualTo(critical.came.sum() / 1000);
      assertThat(figures.of.get("STANDARD").inTime())
          .as("what is left goes to these")
          .isGreaterThan(figures.of.get("SHEDDABLE").inTime());
    }
  }

  @Test
  void aHotShardIsNoConcernOfTheOthers() throws Exception {
    HikariDataSource[] pools = new HikariDataSource[4];
    DataSource[] guarded = new DataSource[4];
    for (int i = 0; i < 4; i++) {
      pools[i] = Pools.hikari(postgres, 5);
      guarded[i] = guard.protect("shard-" + i, pools[i]);
    }
    try {
      double capacity = OpenLoad.capacity(pools[0], SQL, 5);
      OpenLoad.Figures before = shards(guarded, 0.5 * capacity, capacity).run(LENGTH);
      OpenLoad.Figures hot = shards(guarded, 10 * capacity, capacity).run(LENGTH);
      OpenLoad.Figures bare = shards(pools, 10 * capacity, capacity).run(LENGTH);
      print(
          ("one of four shards at 10x, seed %d: p99 of the others %.1f ms, of before %.1f ms;"
                  + " guarded %s; bare %s")
              .formatted(
                  seed,
                  hot.of.get("others").millis(99),
                  before.of.get("others").millis(99),
                  hot,
                  bare));
      OpenLoad.Outcome others = hot.of.get("others");
      assertThat(others.inTime()).isGreaterThanOrEqualTo((long) (0.9 * others.came.sum()));
      for (int i = 1; i < 4; i++) {
        assertThat(guard.levels().level("shard-" + i)).isNotEqualTo(LoadLevel.CRITICAL);
      }
      // Without the guard, the hot one takes all of the service's threads.
      assertThat(bare.of.get("others").inTime()).isLessThan(others.inTime());
    } finally {
      for (HikariDataSource pool : pools) {
        pool.close();
      }
    }
  }

  private OpenLoad shards(DataSource[] shards, double hot, double capacity) {
    OpenLoad load = load().of("hot", shards[0], Criticality.STANDARD, hot);
    for (int i = 1; i < 4; i++) {
      load.of("others", shards[i], Criticality.STANDARD, 0.4 * capacity);
    }
    return load;
  }

  /** Meanwhile nobody waits in vain for long, and afterwards all is as before. */
  @Tag("faults")
  @Test
  void aDatabaseThatStalls() throws Exception {
    ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
    try (HikariDataSource pool = Pools.hikari(postgres, 10)) {
      double capacity = OpenLoad.capacity(pool, SQL, 10);
      DataSource guarded = guard.protect("orders", pool);
      var stop = later.schedule(() -> postgres.server(0).stop(), 2, TimeUnit.SECONDS);
      var resume = later.schedule(() -> postgres.server(0).resume(), 7, TimeUnit.SECONDS);
      OpenLoad.Figures stalled =
          load().of(guarded, Criticality.STANDARD, 0.5 * capacity).run(Duration.ofSeconds(9));
      stop.get();
      resume.get();
      String back = awaitNormal();
      OpenLoad.Figures after = load().of(guarded, Criticality.STANDARD, 0.5 * capacity).run(LENGTH);
      print(
          "stalled for 5 s, seed %d: %s; normal again after %s; after that %s"
              .formatted(seed, stalled, back, after));
      OpenLoad.Outcome outcome = stalled.of.get("STANDARD");
      assertThat(outcome.refused.sum()).as("told at once").isGreaterThan(outcome.came.sum() / 4);
      assertThat(after.of.get("STANDARD").refused.sum()).isZero();
      assertThat(guard.status("orders").inUse()).isZero();
    } finally {
      later.shutdownNow();
    }
  }

  /**
   * How long a new connection takes is for the machine to say: the guard is measured by what the
   * bare pool serves amid the same faults, to those who ask only when they have been answered.
   */
  @Tag("faults")
  @Test
  void connectionsThatDie() throws Exception {
    ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
    try (HikariDataSource pool = Pools.hikari(postgres, 10)) {
      double capacity = OpenLoad.capacity(pool, SQL, 10);
      var kills = killEverySecond(later, 500);
      double atBest = OpenLoad.capacityAmidFaults(pool, SQL, 10, Duration.ofSeconds(5));
      assertThat(kills.isDone()).as("one kill failed, and the others never came").isFalse();
      kills.cancel(false);
      assertThat(atBest).as("served by the bare pool").isPositive();
      DataSource guarded = guard.protect("orders", pool);
      var untilTheEnd = killEverySecond(later, 1500);
      OpenLoad.Figures figures =
          load().of(guarded, Criticality.STANDARD, 2 * capacity).run(Duration.ofSeconds(6));
      print(
          "connections killed every second at 2x of %.0f/s, seed %d: %s; a closed loop %.0f/s"
              .formatted(capacity, seed, figures, atBest));
      assertThat(figures.of.get("STANDARD").failed.sum()).as("killed").isPositive();
      assertThat(figures.goodput()).isGreaterThan(0.75 * atBest);
      assertThat(untilTheEnd.isDone()).as("one kill failed, and the others never came").isFalse();
      assertThat(guard.status("orders").inUse()).as("permits that have leaked").isZero();
    } finally {
      later.shutdownNow();
    }
  }

  private ScheduledFuture<?> killEverySecond(ScheduledExecutorService later, long firstMillis) {
    return later.scheduleAtFixedRate(
        this::killConnections, firstMillis, 1000, TimeUnit.MILLISECONDS);
  }

  private void killConnections() {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'"
              + " AND pid <> pg_backend_pid()");
    } catch (SQLException failure) {
      throw new AssertionError(failure);
    }
  }
}
