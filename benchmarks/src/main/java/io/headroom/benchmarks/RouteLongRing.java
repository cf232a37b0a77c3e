package io.headroom.benchmarks;

import io.headroom.benchmarks.peers.KetamaRing;
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
import org.openjdk.jmh.annotations.Warmup;

/** {@link RouteLong} for the ring, which would take a gigabyte at 100,000 shards. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class RouteLongRing {
  /** How many shards. */
  @Param({"10", "1000"})
  public int shards;

  private long[] keys;
  private int next;
  private KetamaRing ring;

  /** Makes keys and ring. */
  @Setup
  public void prepare() {
    keys = new SplittableRandom(42).longs(RouteLong.KEYS).toArray();
    ring = new KetamaRing(shards, 160);
  }

  /**
   * A TreeMap of 160 points a shard.
   *
   * @return the shard's position
   */
  @Benchmark
  public int treeMapRing() {
    return ring.ordinalFor(keys[next++ & (RouteLong.KEYS - 1)]);
  }
}
