package io.headroom.ratelimit;

import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Limits of all kinds, common and awkward ones. */
public final class Limits {

  private static final Limit COMMON = Limit.perSecond(100).burst(50);

  private Limits() {}

  /** Any that is not refused. */
  public static Arbitrary<Limit> any() {
    Arbitrary<Long> permits =
        Arbitraries.oneOf(
            Arbitraries.longs().between(1, 1_000),
            Arbitraries.of(50_000L, 1_000_000L, 268_435_399L, 268_435_455L, 1_000_000_007_000L),
            Arbitraries.longs().greaterOrEqual(1));
    Arbitrary<Duration> periods =
        Arbitraries.oneOf(
            Arbitraries.of(
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofHours(1),
                Duration.ofDays(30),
                Duration.ofDays(365),
                Duration.ofNanos(1)),
            Arbitraries.longs().between(1, Duration.ofDays(365).toNanos()).map(Duration::ofNanos));
    Arbitrary<Long> bursts =
        Arbitraries.oneOf(
            Arbitraries.longs().between(1, 100), Arbitraries.longs().greaterOrEqual(0));
    return Combinators.combine(permits, periods, bursts).as(Limits::nearest);
  }

  /** What is refused is made rounder. */
  private static Limit nearest(long permits, Duration period, long burst) {
    Limit limit = null;
    for (long some = permits; limit == null; some = some / 7) {
      limit = some == 0 ? COMMON : ofOrNull(some, period);
    }
    for (long some = burst; some > 0; some = some / 7) {
      Limit other = burstOrNull(limit, some);
      if (other != null) {
        return other;
      }
    }
    return limit;
  }

  private static Limit ofOrNull(long permits, Duration period) {
    try {
      return Limit.of(permits, period);
    } catch (IllegalArgumentException notExact) {
      return null;
    }
  }

  private static Limit burstOrNull(Limit limit, long burst) {
    try {
      return limit.burst(burst);
    } catch (IllegalArgumentException tooLarge) {
      return null;
    }
  }
}
