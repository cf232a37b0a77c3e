package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** That the quickstart would notice a guard that is of no use: it is judged by itself otherwise. */
class SpikeVerdictTest {

  private static final double CAPACITY = 200;
  private static final List<Long> AS_MUCH_AS_IT_CAN = List.of(150L, 200L, 200L);
  private static final List<Long> COLLAPSED = List.of(200L, 20L, 0L);
  private static final Requests CRITICAL = requests(100, 100, 0);
  private static final Requests STANDARD = requests(1_500, 300, 1_200);
  private static final Requests SHEDDABLE = requests(1_500, 0, 1_500);
  private static final SpikeFigures BARE =
      figures(COLLAPSED, requests(100, 7, 0), requests(1_500, 110, 0), requests(1_500, 110, 0));
  private static final Optional<Duration> SOON = Optional.of(Duration.ofMillis(1_234));

  @Test
  void goodputIsThatAfterTheFirstSecond() {
    SpikeVerdict verdict = verdict(figures(AS_MUCH_AS_IT_CAN, CRITICAL, STANDARD, SHEDDABLE));
    assertThat(verdict.goodputPercent()).isCloseTo(100, within(1e-9));
    assertThat(verdict.bareGoodputPercent()).isCloseTo(5, within(1e-9));
    assertThat(verdict.recoverMillis()).isEqualTo(1_234);
    assertThat(failedChecks(verdict)).isEmpty();
  }

  @Test
  void aGuardUnderWhichThePoolDoesLessIsFound() {
    assertThat(
            failedChecks(
                verdict(figures(List.of(200L, 160L, 160L), CRITICAL, STANDARD, SHEDDABLE))))
        .isEmpty();
    assertThat(
            failedChecks(
                verdict(figures(List.of(200L, 160L, 159L), CRITICAL, STANDARD, SHEDDABLE))))
        .hasToString("[at 10.3 times what it can do, a guarded pool does at least 80 % of that]");
  }

  @Test
  void aGuardThatMakesNoDifferenceIsFound() {
    SpikeFigures guarded = figures(AS_MUCH_AS_IT_CAN, CRITICAL, STANDARD, SHEDDABLE);
    assertThat(failedChecks(new SpikeVerdict(CAPACITY, guarded, guarded, LoadLevel.HIGH, SOON)))
        .hasToString("[and a bare one clearly less]");
    assertThat(failedChecks(verdict(BARE)))
        .containsExactly(
            "at 10.3 times what it can do, a guarded pool does at least 80 % of that",
            "and a bare one clearly less",
            "critical requests were served meanwhile",
            "the least critical were refused first",
            "who was not served was told so in time");
  }

  @Test
  void aBarePoolThatNobodyAskedShowsNothing() {
    SpikeFigures none = figures(List.of(0L, 0L, 0L), Requests.NONE, Requests.NONE, Requests.NONE);
    SpikeFigures guarded = figures(AS_MUCH_AS_IT_CAN, CRITICAL, STANDARD, SHEDDABLE);
    assertThat(failedChecks(new SpikeVerdict(CAPACITY, none, guarded, LoadLevel.HIGH, SOON)))
        .hasToString("[and a bare one clearly less]");
  }

  @Test
  void criticalRequestsThatAreRefusedAreFound() {
    assertThat(failedChecks(verdict(critical(requests(100, 95, 5))))).isEmpty();
    assertThat(failedChecks(verdict(critical(requests(100, 94, 6)))))
        .hasToString("[critical requests were served meanwhile]");
    assertThat(failedChecks(verdict(critical(Requests.NONE))))
        .as("there were none")
        .hasToString("[critical requests were served meanwhile]");
  }

  @Test
  void aWrongOrderOfRefusalsIsFound() {
    Requests none = requests(1_500, 0, 1_500);
    Requests many = requests(1_500, 300, 1_200);
    assertThat(failedChecks(verdict(figures(AS_MUCH_AS_IT_CAN, CRITICAL, none, many))))
        .hasToString("[the least critical were refused first]");
  }

  @Test
  void requestsThatAreToldNothingAreFound() {
    Requests waiting = requests(1_500, 0, 1_438);
    assertThat(waiting.leftWaiting()).isEqualTo(62);
    assertThat(failedChecks(verdict(figures(AS_MUCH_AS_IT_CAN, CRITICAL, STANDARD, waiting))))
        .isEmpty();
    Requests more = requests(1_500, 0, 1_437);
    assertThat(failedChecks(verdict(figures(AS_MUCH_AS_IT_CAN, CRITICAL, STANDARD, more))))
        .hasToString("[who was not served was told so in time]");
  }

  @Test
  void aGuardThatDoesNotComeBackIsFound() {
    SpikeFigures guarded = figures(AS_MUCH_AS_IT_CAN, CRITICAL, STANDARD, SHEDDABLE);
    SpikeVerdict never =
        new SpikeVerdict(CAPACITY, BARE, guarded, LoadLevel.HIGH, Optional.empty());
    assertThat(never.recoverMillis()).isNegative();
    assertThat(failedChecks(never)).hasToString("[the guard's level went up, and is normal again]");
    SpikeVerdict sawNothing = new SpikeVerdict(CAPACITY, BARE, guarded, LoadLevel.ELEVATED, SOON);
    assertThat(failedChecks(sawNothing))
        .hasToString("[the guard's level went up, and is normal again]");
  }

  @Test
  void theTableShowsBothByCriticality() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    verdict(figures(AS_MUCH_AS_IT_CAN, CRITICAL, STANDARD, SHEDDABLE))
        .show(new Screen(new PrintStream(out, true, StandardCharsets.UTF_8), false));
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern("bare, SHEDDABLE +1,500 +110 +0 +0 +1,390 ")
        .containsPattern("guarded, STANDARD +1,500 +300 +0 +1,200 +0 ")
        .containsPattern("guarded, SHEDDABLE +1,500 +0 +0 +1,500 +0 +- +-")
        .containsPattern("bare +100.0 % +10.0 % +0.0 % +14.0 s")
        .containsPattern("guarded +75.0 % +100.0 % +100.0 % +1.2 s");
  }

  @Test
  void whoWaitsForLongerThanUsersDoIsNotServedInTime() {
    Requests.Counter counter = new Requests.Counter(Duration.ofSeconds(1));
    for (int i = 0; i < 4; i++) {
      counter.came();
    }
    assertThat(counter.answered(Service.Answer.SERVED, 1_000_000_000)).isTrue();
    assertThat(counter.answered(Service.Answer.SERVED, 1_000_000_001)).isFalse();
    assertThat(counter.answered(Service.Answer.REFUSED_AT_THE_DOOR, 1)).isTrue();
    assertThat(counter.answered(Service.Answer.REFUSED_AT_THE_POOL, 1_000_000_001)).isFalse();
    Requests sum = counter.sum();
    assertThat(sum.inTime()).isOne();
    assertThat(sum.refused()).isOne();
    assertThat(sum.leftWaiting()).isEqualTo(2);
    assertThat(sum.served().getTotalCount()).as("late or not").isEqualTo(2);
  }

  /** None of its threads ever comes back, and users come all the same. */
  @Test
  void anOpenLoadDoesNotWaitForTheService() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Service stuck =
        request -> {
          try {
            never.await();
          } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
          }
          throw new SQLException("not served");
        };
    Screen screen = new Screen(new PrintStream(new ByteArrayOutputStream(), true), false);
    try (SpikeLoad load = new SpikeLoad(stuck, 100, screen, "stuck")) {
      load.spike();
      SpikeFigures figures = load.end();
      assertThat(figures.all().came())
          .isEqualTo(figures.leftAtTheEnd())
          .isEqualTo(figures.all().leftWaiting())
          .isBetween(2_800L, 3_400L);
      assertThat(figures.servedInSecond()).containsOnly(0L);
    }
  }

  private static SpikeFigures critical(Requests critical) {
    return figures(AS_MUCH_AS_IT_CAN, critical, STANDARD, SHEDDABLE);
  }

  private static Requests requests(long came, long inTime, long refused) {
    Histogram served = new Histogram(3);
    served.recordValueWithCount(60_000_000, inTime);
    return new Requests(came, inTime, 0, refused, served);
  }

  private static SpikeFigures figures(
      List<Long> servedInSecond, Requests critical, Requests standard, Requests sheddable) {
    return new SpikeFigures(
        Map.of(
            Criticality.CRITICAL, critical,
            Criticality.STANDARD, standard,
            Criticality.SHEDDABLE, sheddable),
        servedInSecond,
        2_800,
        requests(60, 60, 0));
  }

  private static SpikeVerdict verdict(SpikeFigures guarded) {
    return new SpikeVerdict(CAPACITY, BARE, guarded, LoadLevel.HIGH, SOON);
  }

  private static List<String> failedChecks(SpikeVerdict verdict) {
    return verdict.checks().stream().filter(check -> !check.holds()).map(Check::claim).toList();
  }
}
