package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class NodeLoadTest {

  private static final long MILLIS = 1_000_000;

  private final HandTime time = new HandTime();
  private final NodeLoad load = new NodeLoad(Duration.ofSeconds(10), Duration.ofSeconds(20));

  @Test
  void anUnknownNodeHasNoLatency() {
    assertThat(load.latencyNanos(time.nanoTime())).isZero();
  }

  @Test
  void jumpsUpAtOnceAndComesDownWithTime() {
    load.answered(2 * MILLIS, time.nanoTime());
    load.answered(200 * MILLIS, time.nanoTime());
    load.answered(2 * MILLIS, time.nanoTime());
    assertThat(load.latencyNanos(time.nanoTime())).isEqualTo(200f * MILLIS);

    time.advance(Duration.ofSeconds(10));
    double left = 200 * MILLIS / Math.E;
    assertThat((double) load.latencyNanos(time.nanoTime()))
        .isCloseTo(left, Percentage.withPercentage(1));

    load.answered(2 * MILLIS, time.nanoTime());
    assertThat((double) load.latencyNanos(time.nanoTime()))
        .isCloseTo(left + 2 * MILLIS * (1 - 1 / Math.E), Percentage.withPercentage(1));
  }

  @Test
  void oneSlowAnswerIsForgottenAmongQuickOnes() {
    load.answered(200 * MILLIS, time.nanoTime());
    for (int quick = 0; quick < 100; quick++) {
      time.advance(Duration.ofMillis(2));
      load.answered(MILLIS, time.nanoTime());
    }

    assertThat(load.latencyNanos(time.nanoTime())).isBetween((float) MILLIS, 1.5f * MILLIS);
  }

  @Test
  void aNodeLeftAloneForLongIsAsFastAsAny() {
    load.answered(200 * MILLIS, time.nanoTime());
    time.advance(Duration.ofDays(1));

    assertThat(load.latencyNanos(time.nanoTime())).isEqualTo(NodeLoad.FASTEST_NANOS);
  }

  @Test
  void aClockReadEarlierThanTheLastAnswerChangesNothing() {
    long before = time.nanoTime();
    time.advance(Duration.ofSeconds(1));
    load.answered(5 * MILLIS, time.nanoTime());
    load.answered(MILLIS, before);

    assertThat(load.latencyNanos(before)).isEqualTo(5f * MILLIS);
    assertThat(load.latencyNanos(time.nanoTime())).isEqualTo(5f * MILLIS);
  }

  @Property
  void theAverageStaysBetweenFloorAndPeakAndNeverBelowTheLastPeaksDecay(
      @ForAll @Size(min = 1, max = 50) List<@IntRange(min = 0, max = 1_000_000) Integer> micros) {
    HandTime clock = new HandTime();
    NodeLoad node = new NodeLoad(Duration.ofSeconds(1), Duration.ZERO);
    double peak = 0;
    for (int took : micros) {
      clock.advance(Duration.ofMillis(took % 97));
      node.answered(took * 1000L, clock.nanoTime());
      peak = Math.max(peak, took * 1000.0);
      assertThat((double) node.latencyNanos(clock.nanoTime()))
          .isBetween(
              Math.max(NodeLoad.FASTEST_NANOS, took * 1000.0 * 0.999),
              Math.max(NodeLoad.FASTEST_NANOS, peak * 1.001));
    }
  }

  @Test
  void aNodeThatCameBackGetsItsShareBitByBit() {
    assertThat(load.share(time.nanoTime())).isEqualTo(1);

    load.returned(time.nanoTime());
    assertThat(load.share(time.nanoTime())).isEqualTo(NodeLoad.FIRST_SHARE);

    time.advance(Duration.ofSeconds(10));
    assertThat(load.share(time.nanoTime())).isEqualTo(0.5, within(1e-9));

    time.advance(Duration.ofSeconds(10));
    assertThat(load.share(time.nanoTime())).isEqualTo(1);
  }

  @Test
  void withoutASlowStartItHasItsShareAtOnce() {
    NodeLoad abrupt = new NodeLoad(Duration.ofSeconds(10), Duration.ZERO);
    abrupt.returned(time.nanoTime());

    assertThat(abrupt.share(time.nanoTime())).isEqualTo(1);
  }

  @Test
  void inFlightReturnsToZeroUnderAnyInterleaving() throws InterruptedException {
    int threads = 4;
    CountDownLatch together = new CountDownLatch(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    for (int thread = 0; thread < threads; thread++) {
      pool.execute(
          () -> {
            together.countDown();
            for (int work = 0; work < 50_000; work++) {
              load.began();
              load.answered(work, time.nanoTime());
              load.ended();
            }
          });
    }
    pool.shutdown();

    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(load.inFlight()).isZero();
    assertThat(load.latencyNanos(time.nanoTime())).isEqualTo(49_999f);
    assertThat(load).hasToString("0 in flight, 49999 ns at its last answer");
  }
}
