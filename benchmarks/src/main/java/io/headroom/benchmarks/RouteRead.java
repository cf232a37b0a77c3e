package io.headroom.benchmarks;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.reads.HeadroomReads;
import io.headroom.benchmarks.reads.ReadAccess;
import io.headroom.benchmarks.reads.ReadContender;
import io.headroom.benchmarks.stub.LateStub;
import io.headroom.benchmarks.stub.StubDataSource;
import io.headroom.benchmarks.stub.StubProbe;
import io.headroom.routing.ReplicaDataSourceBuilder;
import io.headroom.testkit.servers.PostgresCluster;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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

/** One read-only transaction through each contender over drivers that answer at once. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class RouteRead {
  private static final int KEYS = 1 << 12;

  /** How many: a primary and its replicas. */
  @Param({"3", "5"})
  public int nodes;

  /** Who. */
  @Param public ReadContender contender;

  private long[] ids;
  private int next;
  private ReadAccess reads;

  /**
   * Sets the contender up.
   *
   * @throws Exception if it cannot be
   */
  @Setup
  public void open() throws Exception {
    ids = new SplittableRandom(42).longs(KEYS, 0, Accounts.ROWS).toArray();
    reads =
        switch (contender) {
          case SHARDING_SPHERE -> startedOnPostgres();
          case HEADROOM -> probed();
          default -> contender.open(stubs());
        };
  }

  private List<DataSource> stubs() {
    List<DataSource> stubs = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      stubs.add(new StubDataSource("node-" + i));
    }
    return stubs;
  }

  /** A stub is for one thread, so the probes have their own. */
  private ReadAccess probed() {
    ReplicaDataSourceBuilder builder =
        HeadroomReads.builder(stubs()).probe(new StubProbe("node-0"));
    for (int i = 0; i < nodes; i++) {
      builder.probeVia("node-" + i, new StubDataSource("node-" + i));
    }
    return HeadroomReads.over(builder);
  }

  /** ShardingSphere reads its tables' columns when it starts, and only then; no stub has those. */
  private ReadAccess startedOnPostgres() throws Exception {
    try (PostgresCluster cluster = PostgresCluster.start(1)) {
      PostgresServer server = cluster.server(0);
      Accounts.create(server.dataSource());
      List<LateStub> databases = new ArrayList<>();
      for (int i = 0; i < nodes; i++) {
        databases.add(new LateStub(server.dataSource(), server.jdbcUrl()));
      }
      ReadAccess started = ReadContender.SHARDING_SPHERE.open(List.copyOf(databases));
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
    reads.close();
  }

  /**
   * setReadOnly(true), setAutoCommit(false), prepare, execute, next, getLong, commit, close.
   *
   * @return what was read
   * @throws SQLException if it fails
   */
  @Benchmark
  public long read() throws SQLException {
    return reads.balance(ids[next++ & (KEYS - 1)]);
  }
}
