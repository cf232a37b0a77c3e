package io.headroom.benchmarks;

import com.google.common.util.concurrent.RateLimiter;
import io.github.bucket4j.Bucket;
import io.headroom.benchmarks.limits.Rate;
import io.headroom.ratelimit.TokenBucket;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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

/** One limit for all who ask; how many do is up to the subclass. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public abstract class SingleLimit {
  private static final String CALLER = "caller";

  /** What becomes of the callers. */
  @Param({Rate.ADMITTED, Rate.REFUSED})
  public String outcome;

  private TokenBucket headroomBucket;
  private io.headroom.ratelimit.RateLimiter<String> headroomLimiter;
  private Bucket bucket4j;
  private RateLimiter guava;
  private io.github.resilience4j.ratelimiter.RateLimiter resilience4j;

  /** For the subclasses. */
  protected SingleLimit() {}

  /**
   * Sets all of them up, and takes the first permit.
   *
   * @throws IllegalStateException if one does not admit the first caller, or not what it should
   *     then
   */
  @Setup
  public void prepare() {
    Rate rate = Rate.of(outcome);
    headroomBucket = TokenBucket.of("all", rate.headroom());
    headroomLimiter =
        io.headroom.ratelimit.RateLimiter.<String>builder("all")
            .policy("all", rate.headroom())
            .build();
    bucket4j = rate.bucket4j();
    guava = rate.guava();
    resilience4j = io.github.resilience4j.ratelimiter.RateLimiter.of("all", rate.resilience4j());
    require(true);
    check();
  }

  /**
   * Looks whether all are still as they should be.
   *
   * @throws IllegalStateException if one is not
   */
  @TearDown
  public void check() {
    require(outcome.equals(Rate.ADMITTED));
  }

  private void require(boolean admitted) {
    contenders()
        .forEach(
            (name, contender) -> {
              if (contender.getAsBoolean() != admitted) {
                throw new IllegalStateException(name + " does not do as " + outcome);
              }
            });
  }

  /** Those that decide, by name; each call takes a permit. */
  Map<String, BooleanSupplier> contenders() {
    return Map.of(
        "headroomBucket", this::headroomBucket,
        "headroomLimiter", this::headroomLimiter,
        "bucket4j", this::bucket4j,
        "guava", this::guava,
        "resilience4j", this::resilience4j);
  }

  /**
   * Ours without keys, counts and listeners.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean headroomBucket() {
    return headroomBucket.tryAcquire().allowed();
  }

  /**
   * Ours with counts.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean headroomLimiter() {
    return headroomLimiter.tryAcquire(CALLER).allowed();
  }

  /**
   * Bucket4j.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean bucket4j() {
    return bucket4j.tryConsume(1);
  }

  /**
   * Guava.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean guava() {
    return guava.tryAcquire();
  }

  /**
   * Resilience4j.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean resilience4j() {
    return resilience4j.acquirePermission();
  }

  /**
   * What all but Bucket4j read, and nothing else.
   *
   * @return the reading
   */
  @Benchmark
  public long clock() {
    return System.nanoTime();
  }
}
