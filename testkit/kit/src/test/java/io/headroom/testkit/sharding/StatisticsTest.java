package io.headroom.testkit.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class StatisticsTest {

  /** Against the exact quantiles of 1 - 1e-6. */
  @Test
  void chiSquareErrsToTheSafeSide() {
    assertThat(Statistics.chiSquareLimit(1)).isGreaterThan(23.93).isLessThan(23.93 * 1.16);
    assertThat(Statistics.chiSquareLimit(10)).isGreaterThan(46.86).isLessThan(46.86 * 1.03);
    assertThat(Statistics.chiSquareLimit(100)).isGreaterThan(182.12).isLessThan(182.12 * 1.01);
  }

  @Test
  void coinsStayWithinTheirLimit() {
    Random random = new Random(1);
    double limit = Statistics.deviationLimit(10_000 * 0.25, 1);
    double worst = 0;
    for (int run = 0; run < 1_000; run++) {
      long heads = random.ints(10_000, 0, 2).filter(side -> side == 1).count();
      worst = Math.max(worst, Math.abs(heads - 5_000.0));
    }

    assertThat(worst).isLessThan(limit).isGreaterThan(limit / 3);
  }
}
