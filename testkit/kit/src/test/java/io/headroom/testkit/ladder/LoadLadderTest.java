package io.headroom.testkit.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.LoadLevel;
import io.headroom.cache.TieredCache;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.PoolRefusedException;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The layers together, on real servers: a pool that is under load is spared by all of them, and by
 * its level alone.
 */
class LoadLadderTest {

  private static final int SIZE = 3;

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1).exclusive();

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Future<?>> holding = new ArrayList<>();
  private HikariDataSource primaryPool;
  private HikariDataSource replicaPool;
  private ConnectionGuard guard;
  private DataSource primary;
  private DataSource replica;
  private ReplicaDataSource orders;

  @BeforeEach
  void open() {
    primaryPool = hikari(postgres.jdbcUrl(0));
    replicaPool = hikari(postgres.replicasOf(0).get(0).jdbcUrl(postgres.database()));
    guard = ConnectionGuard.builder().maximumWait(Duration.ofMinutes(1)).build();
    primary = guard.protect("orders", primaryPool);
    replica = guard.protect("orders-replica", replicaPool);
    orders =
        ReplicaDataSource.builder("orders")
            .primary("primary", primary)
            .replica("replica", replica)
            .loadSignal(guard.levels())
            .build();
  }

  private static HikariDataSource hikari(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername("postgres");
    config.setMaximumPoolSize(SIZE);
    config.setAllowPoolSuspension(true);
    return new HikariDataSource(config);
  }

  @AfterEach
  void close() throws Exception {
    over.countDown();
    for (Future<?> each : holding) {
      each.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    orders.close();
    guard.close();
    primaryPool.close();
    replicaPool.close();
  }

  private static ConditionFactory eventually(String what) {
    return await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
  }

  private static boolean isOnReplica(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection()) {
      connection.setReadOnly(true);
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /** All connections are held, and more are asked for, until the test is over. */
  private void overload(DataSource pool, String resource) {
    for (int i = 0; i < SIZE + 2; i++) {
      holding.add(
          threads.submit(
              () -> {
                try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                  statement.execute("SELECT 1");
                  over.await();
                }
                return null;
              }));
    }
    eventually("the level").until(() -> guard.levels().level(resource) == LoadLevel.CRITICAL);
  }

  @Test
  void aReadGoesElsewhereWhereItsReplicasPoolIsUnderLoad() throws SQLException {
    eventually("reads on the replica").until(() -> isOnReplica(orders));
    overload(replica, "orders-replica");
    assertThatThrownBy(() -> isOnReplica(replica))
        .as("as routing knows a guard's word")
        .isInstanceOfSatisfying(
            PoolRefusedException.class,
            refused -> {
              assertThat(refused.getSQLState()).isEqualTo("53000");
              assertThat(refused.getCause()).isNull();
            });
    assertThat(isOnReplica(orders)).as("the primary has room").isFalse();

    over.countDown();
    eventually("reads on the replica again, which nothing speaks against")
        .until(() -> isOnReplica(orders));
  }

  @Test
  void aPrimaryUnderLoadTakesNoReadsOfReplicas() {
    overload(primary, "orders");
    replicaPool.getHikariPoolMXBean().suspendPool();
    try {
      overload(replica, "orders-replica");
      assertThatThrownBy(() -> isOnReplica(orders))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("orders");
      assertThat(guard.status("orders").waiting()).as("it did not queue there").isEqualTo(2);
    } finally {
      replicaPool.getHikariPoolMXBean().resumePool();
    }
  }

  @Test
  void aCacheServesWhatIsStaleWhileItsPoolIsUnderLoad() {
    List<String> loads = new ArrayList<>();
    TieredCache<String, String> cache =
        TieredCache.<String, String>builder(
                "orders",
                key -> {
                  synchronized (loads) {
                    loads.add(key);
                    return key + " of load " + loads.size();
                  }
                })
            .ttl(Duration.ofMillis(50))
            .staleFor(Duration.ofMinutes(10))
            .loadSignal(guard.levels(), "orders")
            .build();
    assertThat(cache.get("a")).isEqualTo("a of load 1");
    overload(primary, "orders"); // which takes longer than what is cached is fresh
    assertThat(cache.get("a")).isEqualTo("a of load 1");
    eventually("one load in the background").until(() -> cache.get("a").equals("a of load 2"));
    cache.close();
  }
}
