package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A minute of load while servers are killed, stopped and lose their connections at random: calls
 * may fail, but nothing acknowledged is lost or lies on the wrong shard, no answer is wrong, no
 * caller is held past its deadline, and no connection leaks.
 */
@Tag("faults")
class FaultCampaignTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(3).exclusive();

  private static final Duration CAMPAIGN = Duration.ofSeconds(60);
  private static final Duration SCATTER_TIMEOUT = Duration.ofSeconds(1);

  /** What a loaded machine of two cores may add to a deadline. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static ShardPoolFleet fleet;
  private static ShardRouter<Long> router;
  private static ShardedDataSource sharded;

  private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicLong nextKey = new AtomicLong();
  private final AtomicLong longestScatterNanos = new AtomicLong();
  private final LongAdder calls = new LongAdder();
  private final LongAdder failures = new LongAdder();

  @BeforeAll
  static void createTables() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 6);
    fleet.onAll("CREATE TABLE item (id bigint PRIMARY KEY, square bigint NOT NULL)");
    router = ShardRouter.forLongs(fleet.map());
    sharded = ShardedDataSource.builder(router).dataSources(fleet.pools()).build();
  }

  @AfterAll
  static void close() {
    sharded.close();
    fleet.close();
  }

  @Test
  void nothingAcknowledgedIsLostWhileServersDie() throws Exception {
    long seed = System.nanoTime();
    System.out.println("fault campaign, seed " + seed);
    long started = System.nanoTime();
    int faults;
    ExecutorService workers = Executors.newFixedThreadPool(6);
    try (Scatter scatter = Scatter.builder(sharded).timeout(SCATTER_TIMEOUT).build()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        running.add(workers.submit(() -> work(scatter, started)));
      }
      faults = injectFaults(new Random(seed), started);
      for (Future<?> worker : running) {
        worker.get();
      }
    } finally {
      workers.shutdownNow();
    }
    System.out.printf(
        "fault campaign: %,d calls, %,d failed, %,d writes acknowledged, %d faults,"
            + " longest scatter %d ms (deadline %d ms)%n",
        calls.sum(),
        failures.sum(),
        acknowledged.size(),
        faults,
        longestScatterNanos.get() / 1_000_000,
        SCATTER_TIMEOUT.toMillis());

    assertThat(wrong).as("wrong answers, seed %d", seed).isEmpty();
    assertThat(faults).isGreaterThan(10);
    assertThat(failures.sum()).as("the faults were felt").isPositive();
    assertThat(Duration.ofNanos(longestScatterNanos.get()))
        .as("no scatter is held by a hanging server")
        .isLessThan(SCATTER_TIMEOUT.plus(GRACE));
    everyShardAnswersAgain();
    assertThat(found()).as("acknowledged writes, seed %d", seed).containsAll(acknowledged);
    fleet.assertNothingLeaked();
  }

  private void work(Scatter scatter, long started) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (System.nanoTime() - started < CAMPAIGN.toNanos()) {
      calls.increment();
      try {
        switch (random.nextInt(10)) {
          case 0 -> scatterAll(scatter);
          case 1 -> scatterPartially(scatter);
          case 2, 3, 4, 5 -> read();
          default -> write();
        }
      } catch (SQLException expected) {
        failures.increment();
        LockSupport.parkNanos(5_000_000); // a client that is refused does not spin
      }
    }
  }

  private void write() throws SQLException {
    long key = nextKey.incrementAndGet();
    try (Connection connection = sharded.forKey(key).getConnection();
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO item VALUES (?, ?)")) {
      statement.setLong(1, key);
      statement.setLong(2, key * key);
      statement.executeUpdate();
    }
    acknowledged.add(key);
  }

  private void read() throws SQLException {
    long key = 1 + ThreadLocalRandom.current().nextLong(nextKey.get() + 1);
    boolean mustBeThere = acknowledged.contains(key);
    try (Connection connection = sharded.forKey(key).getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT id, square FROM item WHERE id = ?")) {
      statement.setLong(1, key);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          expect(row.getLong(1) == key && row.getLong(2) == key * key, "another row for " + key);
        } else {
          expect(!mustBeThere, "acknowledged " + key + " was not found");
        }
      }
    }
  }

  private void scatterAll(Scatter scatter) throws SQLException {
    int known = Math.min(50, acknowledged.size());
    List<Long> newest =
        timed(
            () ->
                scatter
                    .query("SELECT id FROM item ORDER BY id DESC LIMIT 50", row -> row.getLong(1))
                    .ordered((a, b) -> Long.compare(b, a))
                    .limit(50)
                    .toList());
    expect(newest.size() >= known, "%d newest of %d known".formatted(newest.size(), known));
    expect(new HashSet<>(newest).size() == newest.size(), "a row came twice: " + newest);
  }

  private void scatterPartially(Scatter scatter) throws SQLException {
    Partial<List<Long>> partial =
        timed(
            () ->
                scatter.query("SELECT count(*) FROM item", row -> row.getLong(1)).toPartialList());
    int answered = partial.value().size();
    int failed = partial.failures().size();
    expect(answered + failed == 3, answered + " shards answered and " + failed + " failed, of 3");
  }

  private interface Call<T> {
    T run() throws SQLException;
  }

  private <T> T timed(Call<T> call) throws SQLException {
    long before = System.nanoTime();
    try {
      return call.run();
    } finally {
      longestScatterNanos.accumulateAndGet(System.nanoTime() - before, Math::max);
    }
  }

  private void expect(boolean holds, String otherwise) {
    if (!holds) {
      wrong.add(otherwise);
    }
  }

  private static int injectFaults(Random random, long started) throws SQLException {
    int faults = 0;
    while (System.nanoTime() - started < CAMPAIGN.toNanos()) {
      PostgresServer server = postgres.server(random.nextInt(3));
      switch (random.nextInt(3)) {
        case 0 -> {
          server.kill();
          pause(random, 400);
          server.restart();
        }
        case 1 -> {
          server.stop(); // it hangs: connections stay open and nothing answers
          pause(random, 2_000);
          server.resume();
        }
        default -> {
          try (Connection connection = server.dataSource().getConnection();
              PreparedStatement statement =
                  connection.prepareStatement(
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                          + " WHERE datname = ? AND pid <> pg_backend_pid()")) {
            statement.setString(1, postgres.database());
            statement.execute();
          }
        }
      }
      faults++;
      pause(random, 1_000);
    }
    return faults;
  }

  /** How long a fault lasts is part of the fault; nothing is waited for. */
  private static void pause(Random random, int upToMillis) {
    LockSupport.parkNanos(random.nextInt(1, upToMillis) * 1_000_000L);
  }

  private static void everyShardAnswersAgain() {
    for (Map.Entry<String, HikariDataSource> pool : fleet.pools().entrySet()) {
      Awaitility.await(pool.getKey() + " to answer")
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(
              () -> {
                try (Connection connection = pool.getValue().getConnection()) {
                  return connection.isValid(2);
                }
              });
    }
  }

  /** All rows, each counted only on the shard that owns it. */
  private static Set<Long> found() throws SQLException {
    try (Scatter scatter = Scatter.builder(sharded).timeout(Duration.ofMinutes(1)).build()) {
      List<Long> rows =
          scatter.query("SELECT id FROM item", row -> row.getLong(1)).ownedBy(id -> id).toList();
      return new HashSet<>(rows);
    }
  }
}
