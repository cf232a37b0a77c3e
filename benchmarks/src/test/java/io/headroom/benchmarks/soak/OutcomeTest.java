package io.headroom.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutcomeTest {
  private final Vitals vitals = new Vitals();

  @BeforeEach
  void look() {
    for (int i = 0; i < 20; i++) {
      vitals.add(40e6, 60, 90);
    }
  }

  private Outcome outcome(
      long seconds, long arrivals, long answers, long errors, Map<String, Long> byFault) {
    return new Outcome(
        seconds, 10_000, arrivals, answers, errors, byFault, 0, 0, 0, 9, 0.5, 0, vitals);
  }

  private Outcome counted(long bugs, long stale, long lost, int faults, double calm) {
    return new Outcome(
        1_200,
        10_000,
        10_000,
        10_000 - bugs,
        0,
        Map.of(),
        bugs,
        stale,
        lost,
        faults,
        calm,
        0,
        vitals);
  }

  @Test
  void isGoodIfServersFailedAndNothingElse() {
    assertThat(outcome(1_200, 10_010, 10_000, 0, Map.of("primary killed", 10L)).wrong()).isEmpty();
  }

  @Test
  void isNotIfAnythingFailedInCalm() {
    assertThat(outcome(1_200, 10_001, 10_000, 1, Map.of()).wrong())
        .containsExactly("errors though all was calm: 1");
  }

  @Test
  void isNotIfRedisCostAnError() {
    assertThat(outcome(1_200, 10_002, 10_000, 0, Map.of("Redis killed", 2L)).wrong())
        .containsExactly("errors though only Redis failed: 2, Redis killed");
  }

  @Test
  void isNotIfTheLoadStopped() {
    assertThat(outcome(1_200, 5_000, 5_000, 0, Map.of()).wrong())
        .containsExactly("requests that came: 5000 of 10000");
  }

  @Test
  void isNotIfRequestsVanished() {
    assertThat(outcome(1_200, 10_000, 9_998, 0, Map.of()).wrong())
        .containsExactly("requests of which nothing is known: 2");
  }

  @Test
  void isNotIfAnythingWasStaleLostOrInexplicable() {
    assertThat(counted(1, 2, 3, 9, 0.5).wrong())
        .containsExactly("failures that no fault explains: 1", "stale reads: 2", "lost writes: 3");
  }

  @Test
  void aLongRunMustHaveSeenSomething() {
    assertThat(counted(0, 0, 0, 0, 0.1).wrong())
        .containsExactly("there were no faults", "it was hardly ever calm");
    Outcome blind =
        new Outcome(1_200, 10_000, 10_000, 10_000, 0, Map.of(), 0, 0, 0, 9, 0.5, 0, new Vitals());
    assertThat(blind.wrong()).containsExactly("heap and threads were not looked at often enough");
  }

  private static Outcome stalled(long bugs, long stale, long lost, Vitals vitals) {
    return new Outcome(
        1_200, 10_000, 10_001 + bugs, 10_000, 1, Map.of(), bugs, stale, lost, 9, 0.5, 0.03, vitals);
  }

  @Test
  void aMachineThatStandsStillTellsNothingOfErrors() {
    assertThat(stalled(0, 0, 0, vitals).wrong()).containsExactly("errors though all was calm: 1");
    assertThat(stalled(0, 0, 0, vitals).isUnknown()).isTrue();
    assertThat(counted(0, 0, 0, 9, 0.5).isUnknown()).isFalse();
  }

  @Test
  void andExcusesNothingElse() {
    assertThat(stalled(1, 0, 0, vitals).isUnknown()).isFalse();
    assertThat(stalled(0, 1, 0, vitals).isUnknown()).isFalse();
    assertThat(stalled(0, 0, 1, vitals).isUnknown()).isFalse();
    for (int i = 0; i < 20; i++) {
      vitals.add(50e6 + i * 1e6, 60, 90);
    }
    assertThat(stalled(0, 0, 0, vitals).isUnknown()).isFalse();
  }
}
