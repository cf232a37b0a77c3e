package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.PoolRefusedException;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a look takes, of servers and of time. */
class LooksTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static final int SHARDS = 64;

  /** On a machine that does more than this. */
  private static final Duration SLOWLY = DatabaseHealth.LOOK.plusSeconds(10);

  private final HangingDriver driver = new HangingDriver();

  @BeforeEach
  void register() throws SQLException {
    DriverManager.registerDriver(driver);
  }

  @AfterEach
  void deregister() throws SQLException {
    driver.release();
    DriverManager.deregisterDriver(driver);
  }

  private static String hanging() {
    return HangingDriver.url(postgres.jdbcUrl(0));
  }

  private static String[] shards(String last) {
    return IntStream.range(0, SHARDS)
        .mapToObj(
            shard ->
                "headroom.database.shards.s"
                    + shard
                    + ".primary.url="
                    + (shard == SHARDS - 1 ? last : hanging()))
        .toArray(String[]::new);
  }

  private static DatabaseHealth.Found found(DatabaseHealth health) {
    CompletableFuture<DatabaseHealth.Found> look = CompletableFuture.supplyAsync(health::look);
    assertThat(look).succeedsWithin(SLOWLY);
    return look.join();
  }

  /** One after the other they would take two minutes. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void manyServersThatAllHangTakeALookNoLongerThanItsBound(boolean oneIsThere) {
    driver.hang();
    Applications.bare()
        .withPropertyValues(shards(oneIsThere ? postgres.jdbcUrl(0) : hanging()))
        .withPropertyValues(
            "headroom.database.drift.on-drift=off", "headroom.database.pool.maximum-size=1")
        .run(
            context -> {
              DatabaseHealth.Found found = found(context.getBean(DatabaseHealth.class));
              assertThat(found.usable()).isEqualTo(oneIsThere);
              assertThat(found.details().get("asked"))
                  .asInstanceOf(InstanceOfAssertFactories.MAP)
                  .hasSize(SHARDS)
                  .containsEntry("s" + (SHARDS - 1), oneIsThere ? "UP" : "DOWN");
              driver.release(); // else HikariCP waits for them while it closes, one after the other
            });
  }

  /** The pool would have one wait for longer than a look may take. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "headroom.guard.enabled=false",
        "headroom.guard.enabled=true,headroom.guard.exclude=database",
        "headroom.guard.enabled=true,headroom.guard.shadow=true"
      })
  void aFullPoolThatIsPatientIsNotWaitedFor(String guard) {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.primary.url=" + postgres.jdbcUrl(0),
            "headroom.database.pool.maximum-size=1",
            "headroom.database.pool.connection-timeout=5m")
        .withPropertyValues(guard.split(","))
        .run(
            context -> {
              try (Connection held = context.getBean(DataSource.class).getConnection();
                  Statement work = held.createStatement()) {
                work.execute("SELECT 1");
                assertThat(found(context.getBean(DatabaseHealth.class)).usable()).isTrue();
              }
            });
  }

  /** Whoever waited has got it: a login would only be more work for a server that has enough. */
  @Test
  void aFullPoolWhoseConnectionsComeBackIsNotKnockedAt() {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.primary.url=" + hanging(),
            "headroom.database.pool.maximum-size=1",
            "headroom.guard.enabled=true")
        .run(
            context -> {
              DataSource source = context.getBean(DataSource.class);
              DatabaseHealth health = context.getBean(DatabaseHealth.class);
              ConnectionGuard guard = context.getBean(ConnectionGuard.class);
              Connection before = borrowed(source);
              CompletableFuture<Connection> after =
                  CompletableFuture.supplyAsync(() -> borrowed(source));
              Awaitility.await().until(() -> guard.status("database").waiting() == 1);
              int logins = driver.logins();
              driver.hang();
              before.close();
              try (Connection held = after.join()) {
                assertThat(health.look().usable()).isTrue();
                assertThat(driver.logins()).isEqualTo(logins);
                assertThat(held.isClosed()).isFalse();
                Awaitility.await().until(() -> !health.look().usable() && driver.logins() > logins);
              }
              driver.release();
            });
  }

  /** However often a guard refuses it. */
  private static Connection borrowed(DataSource source) {
    while (true) {
      try {
        Connection connection = source.getConnection();
        try (Statement statement = connection.createStatement()) {
          statement.execute("SELECT 1");
          return connection;
        }
      } catch (PoolRefusedException busy) {
        Thread.onSpinWait();
      } catch (SQLException failure) {
        throw new CompletionException(failure);
      }
    }
  }

  @Test
  void whatIsAskedStopsWithTheApplication() {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.primary.url=" + hanging(),
            "headroom.database.pool.maximum-size=1",
            "headroom.database.pool.connection-timeout=250ms")
        .run(
            context -> {
              try (Connection held = borrowed(context.getBean(DataSource.class))) {
                assertThat(held.isClosed()).isFalse();
                driver.hang();
                assertThat(context.getBean(DatabaseHealth.class).look().usable()).isFalse();
                Awaitility.await()
                    .untilAsserted(() -> assertThat(ours()).containsExactly("headroom-knock"));
              }
            });
    Awaitility.await().untilAsserted(() -> assertThat(ours()).isEmpty());
  }

  private static Stream<String> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.matches("headroom-(knock|health)"));
  }
}
