package io.headroom.benchmarks;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.peers.ShardAccess;
import java.sql.SQLException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * One indexed SELECT through each contender on four PostgreSQL servers, which the runner starts.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SelectPostgres {
  private static final int KEYS = 1 << 12;

  /** Who. */
  @Param public Contender contender;

  private long[] ids;
  private int next;
  private Fleet fleet;
  private ShardAccess shards;

  /**
   * Opens the pools, and the contender over them.
   *
   * @throws Exception if it cannot be
   */
  @Setup
  public void open() throws Exception {
    ids = new SplittableRandom(42).longs(KEYS, 0, Accounts.ROWS).toArray();
    fleet = Fleet.ofRunner();
    shards = contender.open(fleet.pools());
  }

  /**
   * Closes all.
   *
   * @throws Exception if it fails
   */
  @TearDown
  public void close() throws Exception {
    shards.close();
    fleet.close();
  }

  /**
   * Borrow, prepare, execute, next, getLong, close.
   *
   * @return what was read
   * @throws SQLException if it fails
   */
  @Benchmark
  public long select() throws SQLException {
    return Accounts.balance(shards, ids[next++ & (KEYS - 1)]);
  }
}
