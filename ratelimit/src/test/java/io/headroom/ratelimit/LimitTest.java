package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LimitTest {

  @Test
  void theBurstIsThePermitsOfAPeriodUnlessSet() {
    Limit limit = Limit.of(100, Duration.ofSeconds(1));

    assertThat(limit).hasToString("100 per second, burst 100").isEqualTo(Limit.perSecond(100));
    assertThat(limit.burst(50)).hasToString("100 per second, burst 50").isNotEqualTo(limit);
    assertThat(limit.burst(50).permits()).isEqualTo(100);
    assertThat(limit.burst(50).capacity()).isEqualTo(50);
    assertThat(limit.burst(50).period()).isEqualTo(Duration.ofSeconds(1));
    assertThat(limit.burst(50).burst(100)).isEqualTo(limit).hasSameHashCodeAs(limit);
  }

  @Test
  void itSaysItsPeriodAsPeopleDo() {
    assertThat(Limit.of(5, Duration.ofDays(7))).hasToString("5 per 7 days, burst 5");
    assertThat(Limit.of(5, Duration.ofHours(1))).hasToString("5 per hour, burst 5");
    assertThat(Limit.of(5, Duration.ofMinutes(90))).hasToString("5 per 90 minutes, burst 5");
    assertThat(Limit.of(2, Duration.ofSeconds(2))).hasToString("2 per 2 seconds, burst 2");
    assertThat(Limit.of(3, Duration.ofMillis(1))).hasToString("3 per millisecond, burst 3");
    assertThat(Limit.of(3, Duration.ofNanos(1_500))).hasToString("3 per 1500 nanoseconds, burst 3");
  }

  @Test
  void sameRatesOverOtherPeriodsAreOtherLimits() {
    assertThat(Limit.of(60, Duration.ofMinutes(1)).burst(1))
        .isNotEqualTo(Limit.perSecond(1))
        .isNotEqualTo(Limit.of(61, Duration.ofMinutes(1)).burst(1))
        .isNotEqualTo("60 per minute, burst 1");
  }

  @Test
  void nonsenseIsRefusedWithItsRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.perSecond(0))
        .withMessage(
            "permits must be 1 or more, was 0; for less than one per period give a longer period");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.perSecond(-5))
        .withMessageContaining("was -5");
    for (Duration period :
        new Duration[] {
          Duration.ZERO,
          Duration.ofNanos(-1),
          Duration.ofDays(365).plusNanos(1),
          Duration.ofSeconds(Long.MAX_VALUE)
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Limit.of(1, period))
          .withMessage("period must be PT0.000000001S to PT8760H, was " + period);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.perSecond(100).burst(0))
        .withMessage("burst must be 1 to 57646075230 for 100 per second, was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.perSecond(100).burst(57646075231L))
        .withMessageEndingWith("was 57646075231");
    assertThatNullPointerException().isThrownBy(() -> Limit.of(1, null));
  }

  @Test
  void whatCannotBeReckonedExactlyIsRefused() {
    assertThat(Limit.perSecond(300_000_000)).hasToString("300000000 per second, burst 300000000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.perSecond(300_000_001))
        .withMessageContaining("permits must be 1 to 268435455 for a period of PT1S")
        .withMessageContaining("was 300000001")
        .withMessageContaining("Give a rounder number of permits");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.of(99_991, Duration.ofDays(30)))
        .withMessage(
            "permits must be 1 to 222 for a period of PT720H with which they have so few divisors"
                + " in common, was 99991: it could not be reckoned exactly. Give a rounder number"
                + " of permits, or a shorter period");
    assertThat(Limit.of(100_000, Duration.ofDays(30)).permits()).isEqualTo(100_000);
    assertThatIllegalArgumentException().isThrownBy(() -> Limit.perSecond(Long.MAX_VALUE));
    assertThat(Limit.of(11, Duration.ofDays(365)).capacity()).isEqualTo(11);
  }

  @Test
  void aPolicyHasAName() {
    assertThat(new Policy("address", Limit.perSecond(100).burst(50)))
        .hasToString("'address' (100 per second, burst 50)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Policy(" ", Limit.perSecond(1)))
        .withMessageContaining("must not be blank");
  }
}
