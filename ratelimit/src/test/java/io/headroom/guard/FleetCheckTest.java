package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.TimeSource;
import io.headroom.ratelimit.Warnings;
import io.headroom.testkit.servers.PostgresExtension;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FleetCheckTest {

  @RegisterExtension
  static final PostgresExtension postgres =
      PostgresExtension.servers(2).setting("max_connections", "100");

  private final List<HikariDataSource> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(HikariDataSource::close);
  }

  private HikariDataSource pool(int server, int size) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(postgres.jdbcUrl(server));
    pool.setMaximumPoolSize(size);
    pool.setMinimumIdle(0);
    opened.add(pool);
    return pool;
  }

  private static ConnectionGuard guard(PoolBudget budget) {
    return ConnectionGuard.builder().budget(budget).byHand(TimeSource.system()).build();
  }

  private static void ask(ConnectionGuard guard) {
    Objects.requireNonNull(guard.fleet()).ask();
  }

  @Test
  void theFleetsArithmeticIsWarnedOfOncePerPool() {
    try (Warnings log = new Warnings(ConnectionGuard.class);
        ConnectionGuard guard = guard(PoolBudget.of(50).processes(200))) {
      guard.protect("shard-07", pool(0, 10));
      ask(guard);
      ask(guard);

      assertThat(log.said())
          .containsExactly(
              "WARN pool 'shard-07': 200 processes × up to 10 connections = 2,000, but its server"
                  + " accepts 97 (max_connections 100, of which 3 are reserved): give less to each,"
                  + " or put a pooler between");
      assertThat(Objects.requireNonNull(guard.fleet()).servers())
          .singleElement()
          .satisfies(server -> assertThat(server.fleet()).isEqualTo(2_000));
    }
  }

  @Test
  void theArithmeticIsAmongTheMeters() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (ConnectionGuard guard = guard(PoolBudget.of(50).processes(200))) {
      guard.protect("shard-07", pool(0, 10));
      GuardMetrics.of(guard).bindTo(registry);
      assertThat(registry.get("headroom.guard.budget.accepted").gauge().value()).isNaN();

      ask(guard);

      assertThat(registry.get("headroom.guard.budget.fleet").gauge().value()).isEqualTo(2_000);
      assertThat(registry.get("headroom.guard.budget.accepted").gauge().value()).isEqualTo(97);
    }
  }

  @Test
  void poolsOfOneServerCountTogetherAndThoseOfOthersDoNot() {
    try (Warnings log = new Warnings(ConnectionGuard.class);
        ConnectionGuard guard = guard(PoolBudget.of(50).processes(5))) {
      guard.protect("one", pool(0, 15));
      guard.protect("elsewhere", pool(1, 15));
      ask(guard);
      assertThat(log.said()).isEmpty();

      guard.protect("other", pool(0, 15));
      ask(guard);

      assertThat(log.said())
          .containsExactly(
              "WARN pool 'other' and 1 on the same server: 5 processes × up to 30 connections ="
                  + " 150, but that server accepts 97 (max_connections 100, of which 3 are"
                  + " reserved): give less to each, or put a pooler between");
    }
  }

  @Test
  void theBudgetBoundsWhatAProcessCanOpen() {
    try (Warnings log = new Warnings(ConnectionGuard.class);
        ConnectionGuard guard = guard(PoolBudget.of(19).processes(5))) {
      guard.protect("one", pool(0, 15));
      guard.protect("other", pool(0, 15));
      ask(guard);

      assertThat(log.said()).isEmpty();
    }
  }

  @Test
  void aProcessThatIsTooMuchByItselfIsWarnedOfAlways() {
    try (Warnings log = new Warnings(ConnectionGuard.class);
        ConnectionGuard guard = guard(PoolBudget.of(500))) {
      guard.protect("orders", pool(0, 98));
      ask(guard);

      assertThat(log.said())
          .singleElement()
          .asString()
          .startsWith("WARN pool 'orders': 1 process × up to 98 connections = 98, but its");
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsAskedAgainAndNotWarnedOf() {
    HikariDataSource away = new HikariDataSource();
    away.setJdbcUrl("jdbc:postgresql://localhost:1/none");
    away.setConnectionTimeout(250);
    away.setInitializationFailTimeout(-1);
    opened.add(away);
    try (Warnings log = new Warnings(ConnectionGuard.class);
        ConnectionGuard guard = guard(PoolBudget.of(10))) {
      guard.protect("away", away);
      for (int i = 0; i < 7; i++) {
        ask(guard);
      }

      assertThat(log.said()).isEmpty();
      assertThat(guard.pools().iterator().next().tally().failedCount()).as("asked").isEqualTo(5);
    }
  }

  @Test
  void aGuardAsksByItself() {
    try (Warnings log = new Warnings(ConnectionGuard.class);
        ConnectionGuard guard =
            ConnectionGuard.builder().shadow().budget(PoolBudget.of(50).processes(200)).build()) {
      guard.protect("orders", pool(0, 10));

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> assertThat(log.said()).anyMatch(line -> line.startsWith("WARN pool 'orders'")));
    }
  }
}
