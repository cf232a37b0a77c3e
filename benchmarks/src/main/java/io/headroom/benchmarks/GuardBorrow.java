package io.headroom.benchmarks;

import com.netflix.concurrency.limits.Limiter;
import com.netflix.concurrency.limits.limit.FixedLimit;
import com.netflix.concurrency.limits.limiter.SimpleLimiter;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.headroom.benchmarks.stub.StubDataSource;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.ManagedPool;
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
import org.openjdk.jmh.annotations.Warmup;

/** Borrow, prepare a statement, close both, on a pool that has a connection ready. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class GuardBorrow {
  private static final int SIZE = 10;
  private static final String SQL = "SELECT 1";

  private final DataSource pool = new StubDataSource();
  private ConnectionGuard guard;
  private DataSource guarded;
  private Bulkhead bulkhead;
  private SimpleLimiter<Void> limiter;

  /** Sets all of them up, for as many at once as the pool has connections. */
  @Setup
  public void open() {
    guard = ConnectionGuard.create();
    guarded = guard.protect("orders", ManagedPool.ofSize(pool, SIZE));
    bulkhead =
        Bulkhead.of(
            "orders",
            BulkheadConfig.custom()
                .maxConcurrentCalls(SIZE)
                .maxWaitDuration(Duration.ZERO)
                .build());
    limiter = SimpleLimiter.newBuilder().limit(FixedLimit.of(SIZE)).build();
  }

  /** Closes the guard. */
  @TearDown
  public void close() {
    guard.close();
  }

  private static int use(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        PreparedStatement statement = connection.prepareStatement(SQL)) {
      return statement.hashCode();
    }
  }

  /**
   * The pool alone.
   *
   * @return something that came of it
   * @throws SQLException if it fails
   */
  @Benchmark
  public int bare() throws SQLException {
    return use(pool);
  }

  /**
   * Ours.
   *
   * @return something that came of it
   * @throws SQLException if it fails
   */
  @Benchmark
  public int headroom() throws SQLException {
    return use(guarded);
  }

  /**
   * Resilience4j around the pool.
   *
   * @return something that came of it
   * @throws SQLException if it fails
   */
  @Benchmark
  public int resilience4j() throws SQLException {
    if (!bulkhead.tryAcquirePermission()) {
      throw new SQLException("full");
    }
    try {
      return use(pool);
    } finally {
      bulkhead.onComplete();
    }
  }

  /**
   * Netflix's limiter around the pool.
   *
   * @return something that came of it
   * @throws SQLException if it fails
   */
  @Benchmark
  public int concurrencyLimits() throws SQLException {
    Limiter.Listener listener = limiter.acquire(null).orElseThrow();
    try {
      return use(pool);
    } finally {
      listener.onSuccess();
    }
  }
}
