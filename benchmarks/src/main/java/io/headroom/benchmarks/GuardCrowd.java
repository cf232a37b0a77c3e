package io.headroom.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.benchmarks.stub.StubDataSource;
import io.headroom.guard.ConnectionGuard;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** 64 threads, each of which wants one of a HikariCP pool's ten connections all the time. */
@State(Scope.Benchmark)
@Threads(64)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
public class GuardCrowd {
  private static final int SIZE = 10;
  private static final int WAITERS = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private HikariDataSource pool;
  private ConnectionGuard guard;
  private DataSource guarded;

  /** Sets both up; the guard waits for as long as the pool does, so that it refuses nobody. */
  @Setup
  public void open() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(new StubDataSource());
    config.setMaximumPoolSize(SIZE);
    config.setConnectionTimeout(PATIENCE.toMillis());
    pool = new HikariDataSource(config);
    guard =
        ConnectionGuard.builder()
            .targetDelay(PATIENCE)
            .maximumWait(PATIENCE)
            .stuckAfter(PATIENCE)
            .maximumWaiters(WAITERS)
            .build();
    guarded = guard.protect("orders", pool);
  }

  /** Closes both. */
  @TearDown
  public void close() {
    guard.close();
    pool.close();
  }

  private static int use(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        PreparedStatement statement = connection.prepareStatement("SELECT 1")) {
      return statement.hashCode();
    }
  }

  /**
   * HikariCP alone.
   *
   * @return something that came of it
   * @throws SQLException if it fails
   */
  @Benchmark
  public int bare() throws SQLException {
    return use(pool);
  }

  /**
   * Behind our guard.
   *
   * @return something that came of it
   * @throws SQLException if it fails
   */
  @Benchmark
  public int headroom() throws SQLException {
    return use(guarded);
  }
}
