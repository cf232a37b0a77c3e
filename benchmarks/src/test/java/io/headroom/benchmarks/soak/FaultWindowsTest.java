package io.headroom.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FaultWindowsTest {
  private static final long AFTERWARDS = FaultWindows.AFTERWARDS.toNanos();

  private final FaultWindows windows = new FaultWindows();

  @Test
  void nothingFailsAtFirst() {
    assertThat(windows.touching(0, Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void anOpenWindowTakesAllThatEndsInIt() {
    windows.begin("Redis killed", 100);
    assertThat(windows.touching(10, 99)).isEmpty();
    assertThat(windows.touching(10, 100)).contains("Redis killed");
    assertThat(windows.touching(200, 300)).contains("Redis killed");
  }

  @Test
  void aMendedOneEndsSomeTimeLater() {
    windows.begin("Redis killed", 100);
    windows.mended(200);
    assertThat(windows.touching(10, 99)).isEmpty();
    assertThat(windows.touching(10, 1_000 + AFTERWARDS)).contains("Redis killed");
    assertThat(windows.touching(200 + AFTERWARDS, 300 + AFTERWARDS)).contains("Redis killed");
    assertThat(windows.touching(201 + AFTERWARDS, 300 + AFTERWARDS)).isEmpty();
  }

  @Test
  void aStallIsNoFaultsAndNoCalmsTime() {
    windows.stalled(1_000, 1_000 + AFTERWARDS);
    assertThat(windows.touching(1_500, 1_500)).contains(FaultWindows.STALL);
    assertThat(windows.calm(0, 4 * AFTERWARDS)).isEqualTo(1);
    assertThat(windows.stalledPart(0, 4 * AFTERWARDS)).isEqualTo(0.25);
    assertThat(windows.stalledPart(1_000 + AFTERWARDS / 2, 1_000 + 2 * AFTERWARDS))
        .as("what was before is not of the load's time")
        .isEqualTo(1.0 / 3);
    assertThat(windows.stalledPart(2 * AFTERWARDS, 4 * AFTERWARDS)).isZero();
    windows.begin("Redis killed", 1_000);
    assertThat(windows.touching(1_500, 1_500)).contains("Redis killed");
  }

  @Test
  void calmIsWhatIsLeft() {
    windows.begin("Redis killed", 0);
    windows.mended(AFTERWARDS);
    assertThat(windows.calm(0, 4 * AFTERWARDS)).isEqualTo(0.5);
    windows.begin("Redis killed", 3 * AFTERWARDS);
    assertThat(windows.calm(0, 4 * AFTERWARDS)).isEqualTo(0.25);
  }
}
