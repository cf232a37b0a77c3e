package io.headroom.benchmarks;

import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import io.headroom.benchmarks.limits.Bucket4jByKey;
import io.headroom.benchmarks.limits.HeadroomByKey;
import io.headroom.benchmarks.limits.Rate;
import io.headroom.benchmarks.limits.Zipf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
import org.openjdk.jmh.infra.ThreadParams;

/**
 * A limit for each of a million keys, all of which have asked once before; how many threads ask is
 * up to the subclass. The states are apart so that a JVM fills the contender that it runs, and no
 * other.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public abstract class KeyedLimit {
  private static final int DRAWS = 1 << 20;

  /** For the subclasses. */
  protected KeyedLimit() {}

  /** Who asks, in which order. */
  @State(Scope.Benchmark)
  public static class Callers {
    /** What becomes of them. */
    @Param({Rate.ADMITTED, Rate.REFUSED})
    public String outcome;

    /** How many keys there are. */
    int keyCount = 1_000_000;

    private List<Long> all;
    private Long[] drawn;

    /** Draws them; the frequent ones are anywhere in the heap. */
    @Setup
    public void draw() {
      all = new ArrayList<>(keyCount);
      for (int i = 0; i < keyCount; i++) {
        all.add(1_000_003L * i);
      }
      List<Long> byRank = new ArrayList<>(all);
      Collections.shuffle(byRank, new Random(42));
      int[] ranks = Zipf.draw(DRAWS, keyCount, 42);
      drawn = new Long[DRAWS];
      for (int i = 0; i < DRAWS; i++) {
        drawn[i] = byRank.get(ranks[i]);
      }
    }

    /** Lets each key ask once, and one of them again. */
    private void begin(Predicate<Long> limiter) {
      for (Long key : all) {
        if (!limiter.test(key)) {
          throw new IllegalStateException("refuses the first call of " + key);
        }
      }
      if (limiter.test(drawn[0]) != outcome.equals(Rate.ADMITTED)) {
        throw new IllegalStateException("the second call is not " + outcome);
      }
    }
  }

  /** Where a thread is among the draws. */
  @State(Scope.Thread)
  public static class Turn {
    private int next;

    /**
     * Begins elsewhere than the other threads.
     *
     * @param thread which it is
     */
    @Setup
    public void begin(ThreadParams thread) {
      next = DRAWS / thread.getThreadCount() * thread.getThreadIndex();
    }

    private int next() {
      return next++ & (DRAWS - 1);
    }
  }

  /** Ours. */
  @State(Scope.Benchmark)
  public static class Headroom {
    private HeadroomByKey limiter;

    /**
     * Fills it.
     *
     * @param callers who will ask
     */
    @Setup
    public void fill(Callers callers) {
      limiter = new HeadroomByKey(Rate.of(callers.outcome));
      callers.begin(limiter::tryAcquire);
    }
  }

  /** Bucket4j in a Caffeine map. */
  @State(Scope.Benchmark)
  public static class Bucket4j {
    private Bucket4jByKey limiter;

    /**
     * Fills it.
     *
     * @param callers who will ask
     */
    @Setup
    public void fill(Callers callers) {
      limiter = new Bucket4jByKey(Rate.of(callers.outcome));
      callers.begin(limiter::tryAcquire);
    }
  }

  /** Resilience4j's registry, whose keys are strings. */
  @State(Scope.Benchmark)
  public static class Resilience4j {
    private RateLimiterRegistry registry;
    private String[] names;

    /**
     * Fills it, and prepares the names, so that the calls need not.
     *
     * @param callers who will ask
     */
    @Setup
    public void fill(Callers callers) {
      registry = RateLimiterRegistry.of(Rate.of(callers.outcome).resilience4j());
      callers.begin(key -> tryAcquire(key.toString()));
      names = new String[DRAWS];
      for (int i = 0; i < DRAWS; i++) {
        names[i] = registry.rateLimiter(callers.drawn[i].toString()).getName();
      }
    }

    private boolean tryAcquire(String name) {
      return registry.rateLimiter(name).acquirePermission();
    }
  }

  /**
   * Ours.
   *
   * @param callers who asks
   * @param turn whose turn it is
   * @param headroom the limiter
   * @return whether it admits
   */
  @Benchmark
  public boolean headroom(Callers callers, Turn turn, Headroom headroom) {
    return headroom.limiter.tryAcquire(callers.drawn[turn.next()]);
  }

  /**
   * Bucket4j.
   *
   * @param callers who asks
   * @param turn whose turn it is
   * @param bucket4j the limiter
   * @return whether it admits
   */
  @Benchmark
  public boolean bucket4j(Callers callers, Turn turn, Bucket4j bucket4j) {
    return bucket4j.limiter.tryAcquire(callers.drawn[turn.next()]);
  }

  /**
   * Resilience4j.
   *
   * @param turn whose turn it is
   * @param resilience4j the limiters
   * @return whether it admits
   */
  @Benchmark
  public boolean resilience4j(Turn turn, Resilience4j resilience4j) {
    return resilience4j.tryAcquire(resilience4j.names[turn.next()]);
  }
}
