package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A guarded pool of two connections on a real server, and what is common to tests of it. */
@SuppressWarnings("try") // scopes are opened for their effect
abstract class OnAGuardedPool {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  final ExecutorService threads = Executors.newCachedThreadPool();
  final HikariDataSource pool = Pools.hikari(postgres, 2);
  ConnectionGuard guard = ConnectionGuard.builder().maximumWait(LONG).build();
  DataSource orders = guard.protect("orders", pool);

  static final Duration LONG = Duration.ofMinutes(1);

  void guardWith(ConnectionGuardBuilder builder) {
    guard.close();
    guard = builder.build();
    orders = guard.protect("orders", pool);
  }

  @AfterEach
  void close() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(guard.status("orders").inUse()).as("permits that have leaked").isZero();
    assertThat(guard.status("orders").waiting()).isZero();
    guard.close();
    pool.close();
  }

  static ConditionFactory eventually(String what) {
    return await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(5));
  }

  static Connection open(DataSource source) throws SQLException {
    Connection connection = source.getConnection();
    select(connection);
    return connection;
  }

  static void select(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  static <T> T as(Criticality criticality, Callable<T> what) throws Exception {
    return RequestContext.builder().criticality(criticality).build().wrap(what).call();
  }

  void awaitWaiting(int callers) {
    eventually("callers to wait").until(() -> guard.status("orders").waiting() == callers);
  }

  Refusal refusal(Callable<?> what) {
    Future<?> asked = threads.submit(what);
    ExecutionException failed =
        catchThrowableOfType(ExecutionException.class, () -> asked.get(60, TimeUnit.SECONDS));
    assertThat(failed.getCause()).isInstanceOf(PoolRefusedException.class);
    return ((PoolRefusedException) failed.getCause()).refusal();
  }
}
