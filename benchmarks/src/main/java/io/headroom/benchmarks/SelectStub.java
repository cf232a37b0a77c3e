package io.headroom.benchmarks;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.peers.ShardAccess;
import io.headroom.benchmarks.stub.LateStub;
import io.headroom.benchmarks.stub.StubDataSource;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.openjdk.jmh.annotations.Warmup;

/** One SELECT through each contender over a driver that answers at once. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SelectStub {
  private static final int KEYS = 1 << 12;
  private static final int SHARDS = 4;

  /** Who. */
  @Param public Contender contender;

  private long[] ids;
  private int next;
  private ShardAccess shards;

  /**
   * Sets the contender up.
   *
   * @throws Exception if it cannot be
   */
  @Setup
  public void open() throws Exception {
    ids = new SplittableRandom(42).longs(KEYS, 0, Accounts.ROWS).toArray();
    shards =
        contender == Contender.SHARDING_SPHERE
            ? startedOnPostgres()
            : contender.open(
                Stream.<DataSource>generate(StubDataSource::new).limit(SHARDS).toList());
  }

  /** ShardingSphere reads its tables' columns when it starts, and only then; no stub has those. */
  private static ShardAccess startedOnPostgres() throws Exception {
    try (PostgresCluster cluster = PostgresCluster.start(1)) {
      PostgresServer server = cluster.server(0);
      Accounts.create(server.dataSource());
      List<LateStub> databases =
          Stream.generate(() -> new LateStub(server.dataSource(), server.jdbcUrl()))
              .limit(SHARDS)
              .toList();
      ShardAccess started = Contender.SHARDING_SPHERE.open(List.copyOf(databases));
      databases.forEach(LateStub::becomeStub);
      return started;
    }
  }

  /**
   * Closes what the contender opened.
   *
   * @throws Exception if it fails
   */
  @TearDown
  public void close() throws Exception {
    shards.close();
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
