package io.headroom.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FaultWindowsTest {
  private static final long AFTERWARDS = FaultWindows.AFTERWARDS.toNanos();

  private final FaultWindows windows = new FaultWindows();

  @Test
  void nothingFailsAtFirst() {
    assertThat(windows.touch(0, Long.MAX_VALUE)).isFalse();
  }

  @Test
  void anOpenWindowTakesAllThatEndsInIt() {
    windows.begin(100);
    assertThat(windows.touch(10, 99)).isFalse();
    assertThat(windows.touch(10, 100)).isTrue();
    assertThat(windows.touch(200, 300)).isTrue();
  }

  @Test
  void aMendedOneEndsSomeTimeLater() {
    windows.begin(100);
    windows.mended(200);
    assertThat(windows.touch(10, 99)).isFalse();
    assertThat(windows.touch(10, 1_000 + AFTERWARDS)).isTrue();
    assertThat(windows.touch(200 + AFTERWARDS, 300 + AFTERWARDS)).isTrue();
    assertThat(windows.touch(201 + AFTERWARDS, 300 + AFTERWARDS)).isFalse();
  }

  @Test
  void calmIsWhatIsLeft() {
    windows.begin(0);
    windows.mended(AFTERWARDS);
    assertThat(windows.calm(0, 4 * AFTERWARDS)).isEqualTo(0.5);
    windows.begin(3 * AFTERWARDS);
    assertThat(windows.calm(0, 4 * AFTERWARDS)).isEqualTo(0.25);
  }
}
