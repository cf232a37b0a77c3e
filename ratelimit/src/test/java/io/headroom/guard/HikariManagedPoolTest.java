package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is relied upon of HikariCP. */
class HikariManagedPoolTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static final String NAME = "resized";

  private final HikariDataSource hikari = new HikariDataSource();

  @AfterEach
  void close() {
    hikari.close();
  }

  @BeforeEach
  void setUp() {
    hikari.setJdbcUrl(postgres.jdbcUrl(0));
    hikari.addDataSourceProperty("ApplicationName", NAME);
  }

  private ManagedPool pool(int size, int minimumIdle) throws SQLException {
    hikari.setMaximumPoolSize(size);
    hikari.setMinimumIdle(minimumIdle);
    hikari.setConnectionTimeout(Duration.ofSeconds(20).toMillis());
    hikari.getConnection().close();
    return ManagedPool.of(hikari);
  }

  private static long pid(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Those of the pool that the server has. */
  private Set<Long> pids() throws SQLException {
    Set<Long> pids = new TreeSet<>();
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND application_name = '"
                    + NAME
                    + "'")) {
      while (row.next()) {
        pids.add(row.getLong(1));
      }
    }
    return pids;
  }

  private void awaitOpen(int connections) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(pids()).hasSize(connections));
  }

  @Test
  void withASizeOfNothingItClosesAllAndOpensNone() throws SQLException {
    ManagedPool pool = pool(4, 4);
    awaitOpen(4);

    pool.resize(0);

    awaitOpen(0);
    assertThat(pool.open()).isZero();
  }

  @Test
  void whatComesBackAndIsEvictedIsTheOneThatGoes() throws SQLException {
    ManagedPool pool = pool(3, 3);
    awaitOpen(3);
    Connection connection = hikari.getConnection();
    Set<Long> others = pids();
    others.remove(pid(connection));

    connection.close();
    pool.resize(2, connection);

    awaitOpen(2);
    assertThat(pids()).isEqualTo(others);
    assertThat(pool.open()).isEqualTo(2);
  }

  @Test
  void whatIsInUseStaysOpenWhileIdleOnesGo() throws SQLException {
    ManagedPool pool = pool(4, 4);
    awaitOpen(4);
    try (Connection connection = hikari.getConnection()) {
      pool.resize(1);

      awaitOpen(1);
      assertThat(pids()).containsExactly(pid(connection));
    }
  }

  @Test
  void aPoolThatIsNotStartedStaysSo() throws SQLException {
    hikari.setMaximumPoolSize(4);
    ManagedPool pool = ManagedPool.of(hikari);
    pool.resize(0);
    assertThat(hikari.getHikariPoolMXBean()).isNull();

    pool.resize(2);
    try (Connection one = hikari.getConnection();
        Connection other = hikari.getConnection()) {
      pool.resize(2);
      assertThat(pids()).containsExactlyInAnyOrder(pid(one), pid(other));
    }
  }

  /**
   * Were there none to be kept idle, HikariCP would open none for who looked a moment too early.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void whoMayHaveAConnectionGetsOneWhileOthersGo(int minimumIdle) throws Exception {
    ManagedPool pool = pool(4, minimumIdle);
    AtomicBoolean goOn = new AtomicBoolean(true);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<?> caller = threads.submit(() -> takeAndGiveBack(goOn));
      for (int round = 0; round < 2_000 && !caller.isDone(); round++) {
        pool.resize(2);
        hikari.getConnection().close();
        pool.resize(1); // for the caller
      }
      goOn.set(false);
      caller.get(60, TimeUnit.SECONDS);
    } finally {
      goOn.set(false);
      threads.shutdownNow();
    }
  }

  private Void takeAndGiveBack(AtomicBoolean goOn) throws SQLException {
    while (goOn.get()) {
      hikari.getConnection().close();
    }
    return null;
  }
}
