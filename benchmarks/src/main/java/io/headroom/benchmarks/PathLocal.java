package io.headroom.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.headroom.benchmarks.limits.Bucket4jByKey;
import io.headroom.benchmarks.limits.Rate;
import io.headroom.benchmarks.stub.StubDataSource;
import io.headroom.benchmarks.whole.Door;
import io.headroom.cache.TieredCache;
import io.headroom.guard.ManagedPool;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A request that finds its answer in the process: limit, guard, and a cached value. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PathLocal {
  private static final int USERS = 10_000;
  private static final int DRAWS = 1 << 14;
  private static final int AT_ONCE = 100;
  private static final Duration TTL = Duration.ofHours(1);

  private final Bucket4jByKey bucket4j = new Bucket4jByKey(Rate.of(Rate.ADMITTED));
  private final Door door = new Door();
  private Long[] users;
  private int next;
  private TieredCache<Long, String> cache;
  private Door.Work<@Nullable String, RuntimeException> read; // made once, as a service would
  private Bulkhead bulkhead;
  private Cache<Long, String> caffeine;

  /** Fills the caches. */
  @Setup
  public void open() {
    door.guard().protect("orders", ManagedPool.ofSize(new StubDataSource(), AT_ONCE));
    cache =
        TieredCache.<Long, String>builder("values", key -> "value " + key)
            .maximumEntries(2 * USERS)
            .ttl(TTL)
            .build();
    read = cache::get;
    bulkhead =
        Bulkhead.of(
            "door",
            BulkheadConfig.custom()
                .maxConcurrentCalls(AT_ONCE)
                .maxWaitDuration(Duration.ZERO)
                .build());
    caffeine = Caffeine.newBuilder().maximumSize(2 * USERS).expireAfterWrite(TTL).build();
    Long[] all = new Long[USERS];
    for (int i = 0; i < USERS; i++) {
      all[i] = 1_000_003L * i;
      cache.get(all[i]);
      caffeine.put(all[i], "value " + all[i]);
    }
    users = new Long[DRAWS];
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < DRAWS; i++) {
      users[i] = all[random.nextInt(USERS)];
    }
  }

  /** Closes the guard and the cache. */
  @TearDown
  public void close() {
    door.close();
    cache.close();
  }

  private Long user() {
    return users[next++ & (DRAWS - 1)];
  }

  /**
   * The guard's door and nothing else.
   *
   * @return true
   */
  @Benchmark
  public boolean doorAlone() {
    return door.guard(user());
  }

  /**
   * The limit and nothing else, for what a decision allocates.
   *
   * @return true
   */
  @Benchmark
  public boolean limitAlone() {
    return door.limit(user());
  }

  /**
   * Ours.
   *
   * @return the value
   */
  @Benchmark
  public @Nullable String headroom() {
    return door.pass(user(), read);
  }

  /**
   * Ours in a request context, with a deadline and the user's cohort.
   *
   * @return the value
   */
  @Benchmark
  public @Nullable String headroomInContext() {
    return door.request(user(), read);
  }

  /**
   * Bucket4j, a bulkhead of Resilience4j, and Caffeine.
   *
   * @return the value
   */
  @Benchmark
  public @Nullable String peers() {
    Long user = user();
    if (!bucket4j.tryAcquire(user) || !bulkhead.tryAcquirePermission()) {
      throw new IllegalStateException("user " + user + " was refused");
    }
    try {
      return caffeine.getIfPresent(user);
    } finally {
      bulkhead.onComplete();
    }
  }
}
