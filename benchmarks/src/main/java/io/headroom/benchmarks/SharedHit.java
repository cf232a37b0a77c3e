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

/** A value that Redis has and the process has not, through each contender. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
public class SharedHit {
  private static final int KEYS = 1_000;
  private static final int DRAWS = 1 << 12;

  /** Who. */
  @Param({"HEADROOM", "LETTUCE", "JETCACHE", "REDISSON_BUCKET", "REDISSON_MAP"})
  public CacheContender contender;

  private final ProfileSource source = new ProfileSource(Duration.ZERO);
  private Long[] ids;
  private int next;
  private CacheAccess cache;

  /** Opens the contender, and puts the values into Redis. */
  @Setup
  public void open() {
    cache = contender.open(CacheSetup.ofRunner(source));
    for (long id = 0; id < KEYS; id++) {
      cache.put(id, Profile.of(id, 0));
    }
    ids = new SplittableRandom(42).longs(DRAWS, 0, KEYS).boxed().toArray(Long[]::new);
  }

  /**
   * Closes it.
   *
   * @throws IllegalStateException if a value was not there
   */
  @TearDown
  public void close() {
    cache.close();
    if (source.loads() > 0) {
      throw new IllegalStateException(contender + " missed " + source.loads() + " values");
    }
  }

  /**
   * Gets one of them.
   *
   * @return the value
   */
  @Benchmark
  public Profile get() {
    return cache.get(ids[next++ & (DRAWS - 1)]);
  }
}
