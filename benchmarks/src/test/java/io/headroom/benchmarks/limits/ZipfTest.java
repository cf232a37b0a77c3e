package io.headroom.benchmarks.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ZipfTest {
  private static final int DRAWS = 1_000_000;
  private static final int RANKS = 1_000;

  @Test
  void drawsEachRankAsOftenAsItShould() {
    int[] counts = new int[RANKS];
    for (int rank : Zipf.draw(DRAWS, RANKS, 7)) {
      counts[rank]++;
    }
    double harmonic = 0;
    for (int rank = 1; rank <= RANKS; rank++) {
      harmonic += 1.0 / rank;
    }
    for (int rank : new int[] {0, 1, 2, 9, 99}) {
      double expected = DRAWS / harmonic / (rank + 1);
      assertThat((double) counts[rank])
          .as("draws of rank %d", rank)
          .isCloseTo(expected, Offset.offset(5 * Math.sqrt(expected)));
    }
    assertThat(Arrays.stream(counts).filter(count -> count == 0).count()).isZero();
  }

  @Test
  void drawsTheSameAgain() {
    assertThat(Zipf.draw(100, RANKS, 7)).isEqualTo(Zipf.draw(100, RANKS, 7));
  }
}
