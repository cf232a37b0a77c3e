package io.headroom.benchmarks;

import io.headroom.sharding.ShardMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A map from a list of ids, built whole: one at a time, as a service does when it starts. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
public class MapBuild {
  /** Shards on slots. */
  @Param({"1000 on 16384", "100000 on 1048576"})
  public String size;

  /**
   * Builds it.
   *
   * @return the map
   */
  @Benchmark
  public ShardMap build() {
    String[] numbers = size.split(" on ", -1);
    return Maps.of(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
  }
}
