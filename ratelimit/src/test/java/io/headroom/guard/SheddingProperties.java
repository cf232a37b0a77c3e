package io.headroom.guard;

import static io.headroom.guard.Shedding.Excess.NOT_SEEN;
import static io.headroom.guard.Shedding.Excess.QUEUED_ELSEWHERE;
import static io.headroom.guard.Shedding.Excess.SEEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LoadLevel;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Offset;

/** What a pool can do goes to the most critical first. */
class SheddingProperties {

  private static final int STEPS = 20;

  private static double[] steady(LoadLevel level, double[] offered, double capacity) {
    Shedding shedding = new Shedding();
    double[] shares = {};
    for (int i = 0; i < STEPS; i++) {
      shares = shedding.update(level, offered, capacity, SEEN);
    }
    return shares;
  }

  @Property
  void theLessCriticalAreNeverBetterOff(
      @ForAll LoadLevel level,
      @ForAll @Size(9) double @DoubleRange(min = 0, max = 10_000) [] offered,
      @ForAll @Size(3) Shedding.Excess[] excess,
      @ForAll @DoubleRange(min = 0, max = 10_000) double capacity) {
    Shedding shedding = new Shedding();
    for (int i = 0; i < 9; i += 3) {
      double[] now = {offered[i], offered[i + 1], offered[i + 2]};
      double[] shares = shedding.update(level, now, capacity, excess[i / 3]);
      assertThat(shares[0]).as("critical work").isZero();
      assertThat(shares[1]).isBetween(0.0, 1.0).isLessThanOrEqualTo(shares[2]);
      assertThat(shares[2]).isLessThanOrEqualTo(1);
    }
  }

  @Property
  void asMuchIsLetInAsThePoolCanDoAndAFifthMore(
      @ForAll @DoubleRange(min = 1, max = 1_000) double critical,
      @ForAll @DoubleRange(min = 1, max = 10_000) double standard,
      @ForAll @DoubleRange(min = 1, max = 10_000) double sheddable,
      @ForAll @DoubleRange(min = 1_000, max = 2_000) double capacity) {
    double[] shares =
        steady(LoadLevel.HIGH, new double[] {critical, standard, sheddable}, capacity);
    double letIn = critical + standard * (1 - shares[1]) + sheddable * (1 - shares[2]);
    double offered = critical + standard + sheddable;
    double some = 0.01 * offered; // a hundredth is let in always
    assertThat(letIn).isCloseTo(Math.min(offered, 1.2 * capacity), Offset.offset(some + 1e-6));
    if (shares[1] > 0) {
      assertThat(shares[2]).as("all of the sheddable first").isEqualTo(0.99, Offset.offset(1e-9));
    }
  }

  @Example
  void aShareRisesInSteps() {
    Shedding shedding = new Shedding();
    double[] offered = {0, 0, 10_000};
    assertThat(shedding.update(LoadLevel.HIGH, offered, 100, SEEN)[2]).isEqualTo(0.2);
    assertThat(shedding.update(LoadLevel.HIGH, offered, 100, SEEN)[2]).isEqualTo(0.4);
  }

  @Example
  void lessIsLetInWhereThoseTooManyAreQueuedElsewhere() {
    Shedding shedding = new Shedding();
    double[] offered = {0, 1_000, 0};
    double before = 0;
    for (int i = 0; i < STEPS; i++) {
      double share = shedding.update(LoadLevel.HIGH, offered, 500, QUEUED_ELSEWHERE)[1];
      assertThat(share).isGreaterThanOrEqualTo(before);
      before = share;
    }
    assertThat(before).as("four fifths of what it can do").isEqualTo(0.6, Offset.offset(1e-9));
    for (int i = 0; i < STEPS; i++) {
      before = shedding.update(LoadLevel.HIGH, offered, 500, NOT_SEEN)[1];
    }
    assertThat(before).as("what it can do").isEqualTo(0.5, Offset.offset(1e-9));
    for (int i = 0; i < STEPS; i++) {
      before = shedding.update(LoadLevel.HIGH, offered, 500, SEEN)[1];
    }
    assertThat(before).as("a fifth more than that again").isEqualTo(0.4, Offset.offset(1e-9));
  }

  @Example
  void nothingIsShedBelowHigh() {
    double[] offered = {10_000, 10_000, 10_000};
    assertThat(steady(LoadLevel.ELEVATED, offered, 1)).containsOnly(0);
    assertThat(steady(LoadLevel.NORMAL, offered, 1)).containsOnly(0);
  }

  @Example
  void onlyCriticalWorkIsLetInAtCritical() {
    double[] few = {1, 1, 1};
    assertThat(steady(LoadLevel.CRITICAL, few, 1_000)).containsExactly(0, 1, 1);
  }

  @Example
  void nothingIsShedWhereCapacityIsNotKnown() {
    double[] offered = {0, 10_000, 10_000};
    assertThat(steady(LoadLevel.HIGH, offered, 0)).containsOnly(0);
  }
}
