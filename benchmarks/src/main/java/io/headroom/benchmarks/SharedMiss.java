package io.headroom.benchmarks;

import io.headroom.benchmarks.caches.CacheAccess;
import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.caches.CacheSetup;
import io.headroom.benchmarks.caches.Profile;
import io.headroom.benchmarks.caches.ProfileSource;
import java.time.Duration;
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

/** A value that is nowhere, of a source that answers at once, through each contender. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
public class SharedMiss {
  /** Who. */
  @Param({"HEADROOM", "LETTUCE", "JETCACHE", "REDISSON_BUCKET", "REDISSON_MAP"})
  public CacheContender contender;

  private final ProfileSource source = new ProfileSource(Duration.ZERO);
  private long first;
  private long next;
  private CacheAccess cache;

  /** Opens the contender, on ids that no other run has used. */
  @Setup
  public void open() {
    cache = contender.open(CacheSetup.ofRunner(source));
    first = new SplittableRandom().nextLong(Long.MAX_VALUE / 2);
    next = first;
  }

  /**
   * Closes it.
   *
   * @throws IllegalStateException if a value was there
   */
  @TearDown
  public void close() {
    cache.close();
    if (source.loads() != next - first) {
      throw new IllegalStateException(
          contender + " loaded " + source.loads() + " of " + (next - first) + " values");
    }
  }

  /**
   * Gets one that was never asked for.
   *
   * @return the value
   */
  @Benchmark
  public Profile get() {
    return cache.get(next++);
  }
}
