package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.examples.quickstart.report.Claim;
import io.headroom.examples.quickstart.report.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What makes a run fail, and what does not. */
class ResultsTest {

  private final Results results = new Results();

  @Test
  void aRunThatCheckedNothingIsNotGood() {
    assertThat(results.areGood()).isFalse();
    results.judge("p95", "< 200 ms", "20 ms", true);
    assertThat(results.areGood()).as("no check").isFalse();
  }

  @Test
  void aMissedGateFailsTheRun() {
    results.gate("stale reads", "0", "0 of 7", true);
    assertThat(results.areGood()).isTrue();
    results.gate("lost writes", "0", "1 of 7", false);
    assertThat(results.areGood()).isFalse();
    assertThat(results.claims())
        .extracting(Claim::verdict)
        .isEqualTo(List.of(Verdict.HOLDS, Verdict.MISSED));
    assertThat(results.claims()).allMatch(Claim::gates);
  }

  @Test
  void aMissedLatencyIsShownAndFailsNothing() {
    results.gate("stale reads", "0", "0 of 7", true);
    results.judge("p95", "< 200 ms", "300 ms", false);
    assertThat(results.areGood()).isTrue();
    assertThat(results.claims().get(1))
        .isEqualTo(new Claim("p95", "< 200 ms", "300 ms", Verdict.MISSED, false));
  }

  @Test
  void whatFailsAndIsNoClaimIsToldBesides() {
    Check lost = new Check("every user is there once", false, "6 of 7");
    results.check(lost.claim(), lost.holds(), lost.found());
    results.check("the shards are balanced", true, "they are");
    results.gate("lost writes", "0", "1 of 7", false);
    results.gate("the guard", "no collapse", "11 %", List.of(new Check("goodput", false, "11 %")));
    assertThat(results.failuresBesides()).containsExactly(lost);
    assertThat(results.checks()).filteredOn(check -> !check.holds()).hasSize(3);
  }

  @Test
  void theLastLineSaysWhatIsNotKnown() {
    results.put("users", 7);
    results.put("p95_ms", Double.NaN, 2, "");
    assertThat(results.line()).startsWith("users=7 concurrent=unknown ").contains("p95_ms=NaN ");
  }
}
