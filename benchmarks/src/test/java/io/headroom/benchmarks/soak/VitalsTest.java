package io.headroom.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VitalsTest {
  private final Vitals vitals = new Vitals();

  private void looks(int count, double bytes, double threads) {
    for (int i = 0; i < count; i++) {
      vitals.add(bytes, threads);
    }
  }

  @Test
  void fewLooksTellNothing() {
    looks(7, 1e6, 10);
    assertThat(vitals.isEnough()).isFalse();
  }

  @Test
  void whatGrowsAtFirstOnlyIsFlat() {
    looks(5, 1e6, 10);
    looks(15, 40e6, 60);
    assertThat(vitals.isEnough()).isTrue();
    assertThat(vitals.isHeapFlat()).isTrue();
    assertThat(vitals.areThreadsFlat()).isTrue();
    assertThat(vitals.heap()).isEqualTo("40.0..40.0");
  }

  @Test
  void whatGoesOnGrowingIsNot() {
    for (int i = 0; i < 20; i++) {
      looks(1, 40e6 + i * 0.5e6, 60 + i);
    }
    assertThat(vitals.isHeapFlat()).isFalse();
    assertThat(vitals.areThreadsFlat()).isFalse();
  }
}
