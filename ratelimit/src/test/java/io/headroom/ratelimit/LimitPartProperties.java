package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What each process admits while Redis is away: together no more than they all may. */
class LimitPartProperties {

  private static final Duration LONGEST = Duration.ofDays(365);

  @Provide
  Arbitrary<Limit> limits() {
    return Limits.any();
  }

  @Provide
  Arbitrary<Integer> processes() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 20), Arbitraries.integers().between(1, 100_000));
  }

  private static BigInteger times(long one, long other) {
    return BigInteger.valueOf(one).multiply(BigInteger.valueOf(other));
  }

  /** But for a burst of one, and for one permit in a year, which is the least there is. */
  @Property(tries = 5_000)
  void thePartsSumToNoMoreThanTheWhole(
      @ForAll("limits") Limit whole, @ForAll("processes") int processes) {
    Limit part = whole.part(processes);

    assertThat(part.capacity()).isLessThanOrEqualTo(Math.max(1, whole.capacity() / processes));
    BigInteger all =
        times(part.permits(), whole.period().toNanos()).multiply(BigInteger.valueOf(processes));
    if (!(part.permits() == 1 && part.period().equals(LONGEST))) {
      assertThat(all).isLessThanOrEqualTo(times(whole.permits(), part.period().toNanos()));
    }
  }

  /** Not much less either, where a process's part is at least one permit a year. */
  @Property(tries = 5_000)
  void thePartsSumToAboutTheWhole(
      @ForAll("limits") Limit whole, @ForAll("processes") int processes) {
    Limit part = whole.part(processes);

    double rate = (double) part.permits() / part.period().toNanos() * processes;
    double all = (double) whole.permits() / whole.period().toNanos();
    if (all / processes * LONGEST.toNanos() >= 1 && all / processes <= 1e-3) {
      assertThat(rate).isGreaterThan(0.99 * all);
    }
    if (part.capacity() < Math.max(1, whole.capacity() / processes)) {
      assertThat(part.unitsPerPermit)
          .as("cut only where more cannot be reckoned")
          .isGreaterThan((1L << 60) / (part.capacity() + 1) - 1);
    }
  }

  @Property
  void ofOneProcessItIsTheWhole(@ForAll("limits") Limit whole) {
    assertThat(whole.part(1)).isEqualTo(whole);
  }
}
