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
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
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

  /** A connection is given back at once: ten are enough for what two cores can do. */
  static final String AT_ONCE = "at once";

  /** A connection is held for as long as a quick query takes: ten are not enough. */
  static final String QUERY = "after 100 µs";

  private static final long QUERY_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  /** When a connection is given back. */
  @Param({QUERY, AT_ONCE})
  public String givenBack;

  private long holdNanos;

  private HikariDataSource pool;
  private ConnectionGuard guard;
  private DataSource guarded;

  /** Sets both up; the guard waits for as long as the pool does, so that it refuses nobody. */
  @Setup
  public void open() {
    holdNanos = givenBack.equals(QUERY) ? QUERY_NANOS : 0;
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

  private int use(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        PreparedStatement statement = connection.prepareStatement("SELECT 1")) {
      if (holdNanos > 0) {
        LockSupport.parkNanos(holdNanos);
      }
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
