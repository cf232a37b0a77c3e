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

/** {@link CacheHit} through caches with a Redis behind them, which is not asked. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class CacheHitTiered {
  private static final int KEYS = 10_000;
  private static final int DRAWS = 1 << 14;

  /** Who. */
  @Param({"HEADROOM_BOTH", "JETCACHE_BOTH", "REDISSON_LOCAL"})
  public CacheContender contender;

  private final ProfileSource source = new ProfileSource(Duration.ZERO);
  private Long[] keys;
  private int next;
  private CacheAccess cache;

  /**
   * Opens the contender, and fills its first level.
   *
   * @throws IllegalStateException if a value is not there then
   */
  @Setup
  public void open() {
    cache = contender.open(CacheSetup.ofRunner(source));
    Long[] all = new Long[KEYS];
    for (int i = 0; i < KEYS; i++) {
      all[i] = 1_000_003L * i;
      cache.get(all[i]); // slowly: JetCache still works through its messages after as many puts
      if (cache.peek(all[i]) == null) {
        throw new IllegalStateException(contender + " does not hold " + all[i]);
      }
    }
    keys =
        new SplittableRandom(42)
            .ints(DRAWS, 0, KEYS)
            .mapToObj(index -> all[index])
            .toArray(Long[]::new);
  }

  /** Closes it. */
  @TearDown
  public void close() {
    cache.close();
  }

  /**
   * Gets one of them.
   *
   * @return the value
   */
  @Benchmark
  public Profile get() {
    return cache.get(keys[next++ & (DRAWS - 1)]);
  }
}
