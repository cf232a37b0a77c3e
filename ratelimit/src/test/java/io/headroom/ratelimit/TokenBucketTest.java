package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

  private final HandTime time = new HandTime();

  private TokenBucket bucket(Limit limit) {
    return TokenBucket.of("search", limit, time);
  }

  private static int admittedOf(TokenBucket bucket, int calls) {
    int admitted = 0;
    for (int i = 0; i < calls; i++) {
      admitted += bucket.tryAcquire().allowed() ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void aHundredPerSecondWithABurstOfFifty() {
    TokenBucket bucket = bucket(Limit.perSecond(100).burst(50));

    assertThat(admittedOf(bucket, 60)).isEqualTo(50);
    Decision refused = bucket.tryAcquire();
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(10));
    assertThat(refused.resetAfter()).isEqualTo(Duration.ofMillis(500));
    time.advance(Duration.ofMillis(10).minusNanos(1));
    assertThat(bucket.tryAcquire().allowed()).isFalse();
    time.advance(1);
    assertThat(admittedOf(bucket, 2)).isEqualTo(1);
    time.advance(Duration.ofHours(1));
    assertThat(admittedOf(bucket, 60)).isEqualTo(50);
  }

  @Test
  void aDecisionSaysWhatIsLeftAndWhoDecided() {
    TokenBucket bucket = bucket(Limit.perSecond(100).burst(50));

    Decision admitted = bucket.tryAcquire(20);
    assertThat(admitted.allowed()).isTrue();
    assertThat(admitted.isShadowed()).isFalse();
    assertThat(admitted.permits()).isEqualTo(20);
    assertThat(admitted.remaining()).isEqualTo(30);
    assertThat(admitted.retryAfter()).isZero();
    assertThat(admitted.resetAfter()).isEqualTo(Duration.ofMillis(200));
    assertThat(admitted.policy()).hasValue(bucket.policy());
    assertThat(admitted).hasToString("admitted 20 by 'search' (100 per second, burst 50), 30 left");

    Decision refused = bucket.tryAcquire(31);
    assertThat(refused.remaining()).isEqualTo(30);
    assertThat(refused.isNeverPossible()).isFalse();
    assertThat(refused)
        .hasToString("refused 31 by 'search' (100 per second, burst 50): try again in 10 ms");
    assertThat(bucket).hasToString("TokenBucket['search' (100 per second, burst 50)]");
  }

  @Test
  void moreThanTheCapacityIsNeverPossible() {
    TokenBucket bucket = bucket(Limit.perSecond(100).burst(50));

    for (long permits : new long[] {51, Long.MAX_VALUE}) {
      Decision never = bucket.tryAcquire(permits);
      assertThat(never.allowed()).isFalse();
      assertThat(never.isNeverPossible()).isTrue();
      assertThat(never.remaining()).isEqualTo(50);
      assertThat(never.retryAfter()).isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
      assertThat(never).asString().endsWith("never possible: more than it ever holds");
    }
    assertThat(bucket.tryAcquire(50).allowed()).isTrue();
  }

  @Test
  void noPermitsAreNotAQuestion() {
    TokenBucket bucket = bucket(Limit.perSecond(1));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> bucket.tryAcquire(0))
        .withMessage("permits must be 1 or more, was 0");
    assertThatIllegalArgumentException().isThrownBy(() -> bucket.tryAcquire(Long.MIN_VALUE));
    assertThatNullPointerException()
        .isThrownBy(() -> TokenBucket.of("search", Limit.perSecond(1), null))
        .withMessage("time must not be null");
  }

  @Test
  void itsOwnClockIsTheSystems() {
    TokenBucket bucket = TokenBucket.of("search", Limit.of(2, Duration.ofDays(1)));

    assertThat(admittedOf(bucket, 3)).isEqualTo(2);
  }

  /** Where the difference of two readings, in units, has gone round the ring several times. */
  @Test
  void anAwkwardRateSurvivesLongIdleTimes() {
    Limit limit = Limit.perSecond(268_435_399).burst(7);
    for (long idle = 1; idle < 200; idle++) {
      TokenBucket bucket = bucket(limit);
      assertThat(admittedOf(bucket, 8)).isEqualTo(7);
      time.advance(Duration.ofSeconds(2).multipliedBy(idle));
      assertThat(admittedOf(bucket, 8)).as("after %s s", 2 * idle).isEqualTo(7);
    }
  }

  @Test
  void aClockThatWasSetBackAdmitsNothingUntilItIsWhereItWas() {
    TokenBucket bucket = bucket(Limit.perSecond(268_435_399).burst(7));
    time.advance(Duration.ofDays(2));
    assertThat(admittedOf(bucket, 8)).isEqualTo(7);
    for (Duration back :
        List.of(
            Duration.ofNanos(1), Duration.ofSeconds(9), Duration.ofDays(1), Duration.ofDays(900))) {
      time.advance(back.negated());
      Decision refused = bucket.tryAcquire();
      assertThat(refused.allowed()).isFalse();
      assertThat(refused.remaining()).isZero();
      assertThat(refused.retryAfter()).isBetween(back, back.plusNanos(4));
      assertThat(refused.resetAfter()).isGreaterThan(back);
      time.advance(back);
    }
    time.advance(bucket.tryAcquire().retryAfter());
    assertThat(bucket.tryAcquire().allowed()).isTrue();
  }

  @Test
  void threadsOnAClockThatStandsStillGetTheCapacityTogether() throws Exception {
    int threads = 4;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 200; round++) {
        TokenBucket bucket = bucket(Limit.perSecond(1_000).burst(500));
        CyclicBarrier start = new CyclicBarrier(threads);
        Callable<Integer> caller =
            () -> {
              start.await();
              return admittedOf(bucket, 300);
            };
        List<Future<Integer>> callers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          callers.add(pool.submit(caller));
        }
        int admitted = 0;
        for (Future<Integer> each : callers) {
          admitted += each.get();
        }
        assertThat(admitted).isEqualTo(500);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aDecisionThatIsOnlyAskedWhetherIsNotEvenAllocated() {
    TokenBucket admitting = bucket(Limit.perSecond(1_000_000_000).burst(1_000_000_000));
    TokenBucket refusing = bucket(Limit.perSecond(1));
    refusing.tryAcquire();

    // Once the compiler has seen it often enough.
    Awaitility.await()
        .untilAsserted(
            () -> {
              time.advance(Duration.ofSeconds(1));
              assertThat(allocatedBy(() -> admittedOf(admitting, 100_000))).isLessThan(10_000);
              assertThat(allocatedBy(() -> admittedOf(refusing, 100_000))).isLessThan(10_000);
            });
  }

  private static long allocatedBy(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
