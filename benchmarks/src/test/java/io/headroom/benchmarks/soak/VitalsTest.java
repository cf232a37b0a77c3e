package io.headroom.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VitalsTest {
  private final Vitals vitals = new Vitals();

  private void looks(int count, double bytes, double threads, double files) {
    for (int i = 0; i < count; i++) {
      vitals.add(bytes, threads, files);
    }
  }

  @Test
  void fewLooksTellNothing() {
    looks(11, 1e6, 10, 10);
    assertThat(vitals.isEnough()).isFalse();
    assertThat(vitals.heap()).isEqualTo("unknown");
  }

  @Test
  void whatGrowsAtFirstOnlyIsFlat() {
    looks(5, 1e6, 10, 10);
    looks(15, 40e6, 60, 90);
    assertThat(vitals.isEnough()).isTrue();
    assertThat(vitals.notFlat()).isEmpty();
    assertThat(vitals.heap()).isEqualTo("40.0..40.0");
  }

  @Test
  void whatGoesOnGrowingIsNot() {
    for (int i = 0; i < 20; i++) {
      looks(1, 40e6 + i * 0.5e6, 60 + i, 90 + i);
    }
    assertThat(vitals.notFlat())
        .containsExactly(
            "the heap grows: 43.5..48.5 MB", "threads: 67..77", "open files grow: 97..107");
  }

  @Test
  void threadsThatDieAreNotFlatEither() {
    looks(10, 40e6, 60, 90);
    looks(10, 40e6, 50, 90);
    assertThat(vitals.notFlat()).containsExactly("threads: 60..50");
  }

  @Test
  void aLookSeesThisProcess() {
    vitals.look();
    assertThat(vitals.last()).matches("heap [0-9.]+ MB {2}threads [0-9]+ {2}files [0-9]+");
  }
}
