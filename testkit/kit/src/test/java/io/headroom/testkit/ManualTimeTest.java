package io.headroom.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ManualTimeTest {

  private static final Instant NOON = Instant.parse("2030-06-01T12:00:00Z");

  private final ManualTime time = ManualTime.startingAt(NOON);

  @Test
  void standsStillUntilMoved() {
    assertThat(time.nanoTime()).isEqualTo(time.nanoTime());
    assertThat(time.wallTime()).isEqualTo(NOON).isEqualTo(time.wallTime());
  }

  @Test
  void advancesBothClocks() {
    long start = time.nanoTime();

    time.advance(Duration.ofMillis(1500));

    assertThat(time.nanoTime() - start).isEqualTo(1_500_000_000L);
    assertThat(time.wallTime()).isEqualTo(NOON.plusMillis(1500));
  }

  @Test
  void theMonotonicClockOverflowsAfterTenSeconds() {
    long start = time.nanoTime();

    time.advance(Duration.ofSeconds(11));

    assertThat(time.nanoTime()).isNegative();
    assertThat(time.nanoTime() - start).isEqualTo(Duration.ofSeconds(11).toNanos());
  }

  @Test
  void theWallClockStepsAlone() {
    long start = time.nanoTime();

    time.stepWallTime(Duration.ofHours(-3));
    assertThat(time.wallTime()).isEqualTo(NOON.minus(Duration.ofHours(3)));
    time.setWallTime(Instant.EPOCH);
    assertThat(time.wallTime()).isEqualTo(Instant.EPOCH);

    assertThat(time.nanoTime()).isEqualTo(start);
  }

  @Test
  void ticksOnEveryReadingIfTold() {
    time.tickOnRead(Duration.ofNanos(5));

    long first = time.nanoTime();
    Instant wall = time.wallTime();

    assertThat(wall).isEqualTo(NOON.plusNanos(5));
    assertThat(time.nanoTime() - first).isEqualTo(10);
    time.tickOnRead(Duration.ZERO);
    assertThat(time.nanoTime()).isEqualTo(time.nanoTime());
  }

  @Test
  void refusesToGoBack() {
    assertThatThrownBy(() -> time.advance(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("advance(PT-1S)")
        .hasMessageContaining("stepWallTime");
    assertThatThrownBy(() -> time.tickOnRead(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tickOnRead(PT-1S)");
  }

  @Test
  void losesNoMoveOfAnyThread() throws InterruptedException {
    int threads = 4;
    int moves = 10_000;
    ManualTime shared = ManualTime.create();
    Instant start = shared.wallTime();
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    for (int i = 0; i < threads; i++) {
      pool.execute(
          () -> {
            await(go);
            for (int move = 0; move < moves; move++) {
              shared.advance(Duration.ofNanos(1));
            }
          });
    }
    go.countDown();
    pool.shutdown();

    assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    assertThat(shared.wallTime()).isEqualTo(start.plusNanos((long) threads * moves));
    assertThat(shared).hasToString("ManualTime[2030-01-01T00:00:00.000040Z, 40000 ns elapsed]");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
