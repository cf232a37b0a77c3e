package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When entries are swept out. */
class SweepsTest {

  private final HandTime time = new HandTime();

  private boolean areDueAfter(Sweeps sweeps, Duration more) {
    time.advance(more);
    boolean due = sweeps.areDue(time.nanoTime());
    if (due) {
      assertThat(sweeps.areDue(time.nanoTime())).as("for one of those who ask").isFalse();
      sweeps.ended(time.nanoTime());
    }
    return due;
  }

  @ParameterizedTest
  @CsvSource({"PT40S, PT10S", "PT0.2S, PT1S", "PT24H, PT1M"})
  void fourTimesInALifeButNeitherMoreThanOnceASecondNorLessThanOnceAMinute(
      Duration life, Duration every) {
    Sweeps sweeps = new Sweeps(life.toNanos(), time.nanoTime());
    for (int i = 0; i < 3; i++) {
      assertThat(areDueAfter(sweeps, every.minusNanos(1))).isFalse();
      assertThat(areDueAfter(sweeps, Duration.ofNanos(1))).isTrue();
      assertThat(areDueAfter(sweeps, Duration.ZERO)).isFalse();
    }
  }

  @Test
  void onceAndNoMoreAfterAPause() {
    Sweeps sweeps = new Sweeps(Duration.ofSeconds(40).toNanos(), time.nanoTime());
    assertThat(areDueAfter(sweeps, Duration.ofDays(400))).isTrue();
    assertThat(areDueAfter(sweeps, Duration.ofSeconds(9))).isFalse();
  }
}
