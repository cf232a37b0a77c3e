package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Callers against callers, the sweeper, and changes of limits; on a clock that a thread moves. */
class RateLimiterRacesTest {

  private static final int THREADS = 4;

  private final HandTime time = new HandTime();
  private final ExecutorService pool = Executors.newFixedThreadPool(THREADS + 1);

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  private void together(Runnable work) throws Exception {
    List<Future<?>> workers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      workers.add(pool.submit(work));
    }
    for (Future<?> worker : workers) {
      worker.get();
    }
  }

  @RepeatedTest(20)
  void threadsOnAClockThatStandsStillGetEachKeysCapacityTogether() throws Exception {
    RateLimiter<Integer> limiter =
        RateLimiter.<Integer>builder("user")
            .limit(Limit.perSecond(1_000).burst(30))
            .time(time)
            .build();
    LongAdder admitted = new LongAdder();
    together(
        () -> {
          for (int i = 0; i < 2_000; i++) {
            admitted.add(limiter.tryAcquire(i % 50).allowed() ? 1 : 0);
          }
        });
    assertThat(admitted.sum()).isEqualTo(50 * 30);
  }

  /** Each step of the clock fills both buckets and has whoever comes first sweep them. */
  @Test
  void aSweptBucketLosesNoDebit() throws Exception {
    RateLimiter<Integer> limiter =
        RateLimiter.<Integer>builder("user")
            .limit(Limit.perSecond(1_000).burst(1))
            .time(time)
            .build();
    AtomicInteger[] admitted = {new AtomicInteger(), new AtomicInteger()};
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger steps = new AtomicInteger();
    Future<Boolean> mover = pool.submit(() -> sweeps(limiter, steps, over));
    together(
        () -> {
          for (int i = 0; !over.get(); i++) {
            admitted[i % 2].addAndGet(limiter.tryAcquire(i % 2).allowed() ? 1 : 0);
          }
        });

    assertThat(mover.get()).as("a bucket was gone for a moment").isTrue();
    for (AtomicInteger each : admitted) {
      assertThat(each.get()).isBetween(1, steps.get() + 1);
    }
  }

  /** For 20,000 steps, and on until a bucket that was there has been seen gone. */
  private boolean sweeps(RateLimiter<Integer> limiter, AtomicInteger steps, AtomicBoolean over) {
    long begin = System.nanoTime();
    boolean there = false;
    boolean gone = false;
    try {
      while (steps.get() < 20_000 || !gone) {
        if (System.nanoTime() - begin > TimeUnit.MINUTES.toNanos(1)) {
          return false;
        }
        steps.incrementAndGet();
        time.advance(Duration.ofMillis(100));
        for (int spin = 0; spin < 20; spin++) {
          long keys = limiter.decider().keys(0).orElseThrow();
          there |= keys == 2;
          gone |= there && keys < 2;
        }
      }
      return true;
    } finally {
      over.set(true);
    }
  }

  /**
   * A global policy and one by key: the global one is debited for each that is admitted, exactly.
   */
  @RepeatedTest(20)
  void severalPoliciesAreDebitedTogether() throws Exception {
    RateLimiter<Integer> limiter =
        RateLimiter.<Integer>builder("door")
            .policy("key", Limit.perSecond(1_000).burst(17), key -> key)
            .policy("same", Limit.perSecond(1_000).burst(17), key -> key)
            .policy("all", Limit.perSecond(1_000).burst(250))
            .time(time)
            .build();
    LongAdder admitted = new LongAdder();
    together(
        () -> {
          for (int i = 0; i < 1_000; i++) {
            admitted.add(limiter.tryAcquire(i % 50).allowed() ? 1 : 0);
          }
        });
    assertThat(admitted.sum()).isEqualTo(250);
    for (int key = 0; key < 50; key++) {
      assertThat(limiter.tryAcquire(key).policy().orElseThrow().name()).isEqualTo("all");
    }
  }

  /** The same burst over and over, under other rates: no change gives any of it back. */
  @RepeatedTest(20)
  void aLimitThatChangesMeanwhileLosesNoDebit() throws Exception {
    RateLimiter<Integer> limiter =
        RateLimiter.<Integer>builder("user")
            .limit(Limit.perSecond(1_000).burst(200))
            .time(time)
            .build();
    AtomicBoolean over = new AtomicBoolean();
    Future<Integer> changer =
        pool.submit(
            () -> {
              int changes = 0;
              do {
                limiter.changeLimit("user", Limit.perSecond(1 + changes % 7).burst(200));
                changes++;
              } while (!over.get());
              return changes;
            });
    LongAdder admitted = new LongAdder();
    together(
        () -> {
          for (int i = 0; i < 20_000; i++) {
            admitted.add(limiter.tryAcquire(i % 20).allowed() ? 1 : 0);
          }
        });
    over.set(true);
    assertThat(changer.get()).isPositive();
    assertThat(admitted.sum()).isEqualTo(20 * 200);
  }

  /** All at once: the sweeper, changes of limits, and policies that are debited together. */
  @Test
  void severalPoliciesLoseNoDebitWhileTheirLimitsChange() throws Exception {
    RateLimiter<Integer> limiter =
        RateLimiter.<Integer>builder("door")
            .policy("key", Limit.perSecond(1_000).burst(1), key -> key)
            .policy("other", Limit.perSecond(1_000).burst(1), key -> 1 - key)
            .policy("all", Limit.perSecond(1_000).burst(1))
            .time(time)
            .build();
    LongAdder admitted = new LongAdder();
    AtomicBoolean over = new AtomicBoolean();
    int steps = 5_000;
    Future<?> mover =
        pool.submit(
            () -> {
              for (int i = 0; i < steps; i++) {
                time.advance(Duration.ofMillis(100));
                limiter.changeLimit(
                    i % 2 == 0 ? "key" : "all", Limit.perSecond(100 + i % 3).burst(1));
              }
              over.set(true);
            });
    together(
        () -> {
          int i = 0;
          boolean last;
          do { // once at the clock's end: at an earlier reading who comes late is refused
            last = over.get();
            admitted.add(limiter.tryAcquire(i++ % 2).allowed() ? 1 : 0);
          } while (!last);
        });
    mover.get();
    assertThat(admitted.sum()).isBetween(1L, steps + 1L);
  }
}
