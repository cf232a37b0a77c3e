package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;

class LifetimesProperties {

  private static final long SECOND = 1_000_000_000L;

  @Property
  void aLifetimeIsTheTtlLessTheJitter(
      @ForAll @LongRange(min = 1, max = 1_000_000 * SECOND) long ttl,
      @ForAll @DoubleRange(max = 0.5) double jitter,
      @ForAll long seed,
      @ForAll long read) {
    Lifetimes lifetimes = new Lifetimes(ttl, ttl, 0, jitter, 0, new Random(seed)::nextDouble);
    long lives = lifetimes.freshUntil(false, read) - read;
    assertThat(lives).isLessThanOrEqualTo(ttl);
    assertThat((double) lives).isGreaterThanOrEqualTo(ttl * (1 - jitter) - 1);
  }

  @Property
  void aValueIsStaleAfterItsTimeAndUselessAfterThatOfStaleOnes(
      @ForAll @LongRange(min = 1, max = 1_000 * SECOND) long ttl,
      @ForAll @LongRange(max = 1_000 * SECOND) long stale,
      @ForAll @LongRange(max = 3_000 * SECOND) long after,
      @ForAll long read) {
    Lifetimes lifetimes = new Lifetimes(ttl, 0, stale, 0, 0, () -> 0);
    Entry<String> entry =
        new Entry<>("x", Standing.alone(read), lifetimes.freshUntil(false, read), 0);
    assertThat(entry.freshNanos(read + after) > 0).isEqualTo(after < ttl);
    assertThat(lifetimes.mayBeStale(entry, read + after)).isEqualTo(after < ttl + stale);
    assertThat(lifetimes.longestNanos()).isEqualTo(ttl + stale);
  }

  /** exp(-left / (eagerness * cost)): of 100,000 draws it strays by 5 deviations in 10^6 runs. */
  @Property(tries = 50)
  void refreshesAheadAreAsLikelyAsThePaperSays(
      @ForAll @DoubleRange(min = 0.5, max = 4) double eagerness,
      @ForAll @DoubleRange(min = 0.1, max = 3) double leftInCosts,
      @ForAll long seed) {
    Lifetimes lifetimes =
        new Lifetimes(SECOND, SECOND, 0, 0, eagerness, new Random(seed)::nextDouble);
    Entry<String> entry = new Entry<>("x", Standing.alone(0), 0, SECOND);
    long left = (long) (leftInCosts * SECOND);
    int draws = 100_000;
    int refreshes = 0;
    for (int draw = 0; draw < draws; draw++) {
      refreshes += lifetimes.refreshesAhead(entry, left) ? 1 : 0;
    }
    double likely = Math.exp(-leftInCosts / eagerness);
    double deviation = Math.sqrt(draws * likely * (1 - likely));
    assertThat((double) refreshes)
        .isBetween(draws * likely - 5.5 * deviation, draws * likely + 5.5 * deviation);
  }

  @Property
  void nothingIsRefreshedAheadWhereThatIsOffOrALoadCostsNothing(
      @ForAll @LongRange(min = 1, max = 1_000 * SECOND) long left, @ForAll long seed) {
    Lifetimes never = new Lifetimes(SECOND, SECOND, 0, 0, 0, new Random(seed)::nextDouble);
    Lifetimes eager = new Lifetimes(SECOND, SECOND, 0, 0, 100, new Random(seed)::nextDouble);
    assertThat(never.refreshesAhead(new Entry<>("x", Standing.alone(0), 0, SECOND), left))
        .isFalse();
    assertThat(eager.refreshesAhead(new Entry<>("x", Standing.alone(0), 0, 0), left)).isFalse();
  }
}
