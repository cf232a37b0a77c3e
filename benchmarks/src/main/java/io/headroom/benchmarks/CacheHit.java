package io.headroom.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.headroom.cache.TieredCache;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A value that is there, in a cache of 10,000 keys that are asked for at random. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class CacheHit {
  private static final int KEYS = 10_000;
  private static final int DRAWS = 1 << 14;
  private static final Duration TTL = Duration.ofHours(1);

  private Long[] keys;
  private int next;
  private Cache<Long, String> plain;
  private Cache<Long, String> counting;
  private TieredCache<Long, String> headroom;

  /** Fills the caches. */
  @Setup
  public void prepare() {
    plain = Caffeine.newBuilder().maximumSize(2 * KEYS).expireAfterWrite(TTL).build();
    counting =
        Caffeine.newBuilder().maximumSize(2 * KEYS).expireAfterWrite(TTL).recordStats().build();
    headroom =
        TieredCache.<Long, String>builder("values", key -> "value " + key)
            .maximumEntries(2 * KEYS)
            .ttl(TTL)
            .build();
    Long[] all = new Long[KEYS];
    for (int i = 0; i < KEYS; i++) {
      all[i] = 1_000_003L * i;
      plain.put(all[i], "value " + all[i]);
      counting.put(all[i], "value " + all[i]);
      headroom.get(all[i]);
    }
    SplittableRandom random = new SplittableRandom(42);
    keys = new Long[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      keys[i] = all[random.nextInt(KEYS)];
    }
  }

  private Long key() {
    return keys[next++ & (DRAWS - 1)];
  }

  /**
   * Caffeine with a TTL.
   *
   * @return the value
   */
  @Benchmark
  public @Nullable String caffeine() {
    return plain.getIfPresent(key());
  }

  /**
   * Caffeine with a TTL, counting hits.
   *
   * @return the value
   */
  @Benchmark
  public @Nullable String caffeineCounting() {
    return counting.getIfPresent(key());
  }

  /**
   * Ours.
   *
   * @return the value
   */
  @Benchmark
  public @Nullable String headroom() {
    return headroom.get(key());
  }
}
