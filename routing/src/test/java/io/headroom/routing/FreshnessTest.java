package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FreshnessTest {

  private final ReplicaFleet fleet = ReplicaFleet.of(1);

  private Freshness judge(ReadNeed need) {
    return Freshness.of(
        fleet.nodes.get(1).sample(),
        need,
        fleet.topology(),
        fleet.time.nanoTime(),
        ReplicaFleet.SAMPLE_AGE.toNanos());
  }

  private void replica(OptionalLong timeline, long position, boolean streaming, Duration since) {
    fleet.answers(1, NodeRole.REPLICA, timeline, position, streaming, Optional.ofNullable(since));
  }

  @Test
  void aReplicaAtTheTokensPositionIsFresh() {
    assertThat(judge(ReplicaFleet.after(1, 1000))).isEqualTo(Freshness.FRESH);
    assertThat(judge(ReplicaFleet.after(1, 1001))).isEqualTo(Freshness.BEHIND);
  }

  @Test
  void withoutATokenAnyReplicaIsFreshHoweverOldItsSample() {
    fleet.time.advance(Duration.ofHours(1));

    assertThat(judge(new ReadNeed(Consistency.READ_YOUR_WRITES, null))).isEqualTo(Freshness.FRESH);
    assertThat(judge(ReadNeed.ANY)).isEqualTo(Freshness.FRESH);
    assertThat(judge(new ReadNeed(Consistency.EVENTUAL, ReplicaFleet.after(1, 9000).atLeast())))
        .isEqualTo(Freshness.FRESH);
  }

  @Test
  void aSampleThatIsTooOldSpeaksForNothing() {
    fleet.time.advance(ReplicaFleet.SAMPLE_AGE);
    assertThat(judge(ReplicaFleet.after(1, 1000))).isEqualTo(Freshness.FRESH);

    fleet.time.advance(Duration.ofNanos(1));
    assertThat(judge(ReplicaFleet.after(1, 1000))).isEqualTo(Freshness.UNKNOWN);
    assertThat(judge(ReplicaFleet.within(Duration.ofHours(1)))).isEqualTo(Freshness.UNKNOWN);
  }

  @Test
  void aReplicaThatDoesNotKnowItsTimelineIsNotFresh() {
    replica(OptionalLong.empty(), 5000, true, Duration.ZERO);

    assertThat(judge(ReplicaFleet.after(1, 1000))).isEqualTo(Freshness.UNKNOWN);
  }

  @Test
  void aTokenFromBeforeTheSwitchHoldsOnTheNewTimeline() {
    fleet.ends = TimelineEnds.NONE.with(1, 800);
    fleet.replica(1, 2, 1500);

    assertThat(judge(ReplicaFleet.after(1, 800))).isEqualTo(Freshness.FRESH);
    assertThat(judge(ReplicaFleet.after(2, 1501))).isEqualTo(Freshness.BEHIND);
  }

  @Test
  void aTokenOfALostWriteHoldsOnNoOtherTimeline() {
    fleet.ends = TimelineEnds.NONE.with(1, 800);
    fleet.replica(1, 2, 1500);

    assertThat(judge(ReplicaFleet.after(1, 801))).isEqualTo(Freshness.OTHER_TIMELINE);
  }

  @Test
  void aReplicaThatHasNotFollowedYetIsNotFreshForANewToken() {
    fleet.ends = TimelineEnds.NONE.with(1, 800);
    fleet.replica(1, 1, 5000);

    assertThat(judge(ReplicaFleet.after(2, 900))).isEqualTo(Freshness.OTHER_TIMELINE);
  }

  @Test
  void anIdlePrimarysReplicaDoesNotLag() {
    replica(OptionalLong.of(1), 1000, true, Duration.ofHours(3));

    assertThat(judge(ReplicaFleet.within(Duration.ofSeconds(1)))).isEqualTo(Freshness.FRESH);
  }

  @Test
  void thatItHadCaughtUpIsAsOldAsThePrimarysSample() {
    replica(OptionalLong.of(1), 1000, true, Duration.ofHours(3));
    fleet.time.advance(Duration.ofMillis(1001));
    replica(OptionalLong.of(1), 1000, true, Duration.ofHours(3));

    assertThat(judge(ReplicaFleet.within(Duration.ofSeconds(1)))).isEqualTo(Freshness.LAGGING);
    assertThat(judge(ReplicaFleet.within(Duration.ofMillis(1001)))).isEqualTo(Freshness.FRESH);
  }

  @Test
  void aBrokenStreamThatLooksIdleIsNotFresh() {
    replica(OptionalLong.of(1), 1000, false, Duration.ofHours(3));

    assertThat(judge(ReplicaFleet.within(Duration.ofSeconds(1)))).isEqualTo(Freshness.LAGGING);
  }

  @Test
  void positionsOfTwoTimelinesAreNotCompared() {
    replica(OptionalLong.of(2), 1000, true, Duration.ofHours(3));

    assertThat(judge(ReplicaFleet.within(Duration.ofSeconds(1)))).isEqualTo(Freshness.LAGGING);
  }

  @Test
  void otherwiseTheReplicasOwnTimeAndTheSamplesAgeCount() {
    replica(OptionalLong.of(1), 900, true, Duration.ofMillis(700));
    fleet.time.advance(Duration.ofMillis(300));

    assertThat(judge(ReplicaFleet.within(Duration.ofSeconds(1)))).isEqualTo(Freshness.FRESH);
    assertThat(judge(ReplicaFleet.within(Duration.ofMillis(999)))).isEqualTo(Freshness.LAGGING);
  }

  @Test
  void aReplicaWhoseClockRunsBehindDoesNotLagByLessThanNothing() {
    replica(OptionalLong.of(1), 900, true, Duration.ofSeconds(-5));
    fleet.time.advance(Duration.ofMillis(300));

    assertThat(judge(ReplicaFleet.within(Duration.ofMillis(299)))).isEqualTo(Freshness.LAGGING);
  }

  @Test
  void aReplicaThatDoesNotKnowItsLagIsNotFresh() {
    replica(OptionalLong.of(1), 900, true, null);

    assertThat(judge(ReplicaFleet.within(Duration.ofDays(1)))).isEqualTo(Freshness.UNKNOWN);
  }

  @Test
  void withoutAPrimaryOnlyTheReplicasOwnTimeCounts() {
    replica(OptionalLong.of(1), 1000, true, Duration.ofSeconds(2));
    fleet.primary = null;

    assertThat(judge(ReplicaFleet.within(Duration.ofSeconds(1)))).isEqualTo(Freshness.LAGGING);
    assertThat(judge(ReplicaFleet.within(Duration.ofSeconds(2)))).isEqualTo(Freshness.FRESH);
  }

  @Test
  void aLimitIsInAdditionToWhatTheConsistencyAsksFor() {
    replica(OptionalLong.of(1), 900, true, Duration.ofSeconds(2));
    Duration second = Duration.ofSeconds(1);
    Duration twoSeconds = Duration.ofSeconds(2);
    ReadNeed causal = ReplicaFleet.after(1, 900);

    for (Consistency any : List.of(Consistency.EVENTUAL, Consistency.READ_YOUR_WRITES)) {
      assertThat(judge(new ReadNeed(any.within(second), null))).isEqualTo(Freshness.LAGGING);
      assertThat(judge(new ReadNeed(any.within(twoSeconds), null))).isEqualTo(Freshness.FRESH);
    }
    for (Consistency seen : List.of(Consistency.MONOTONIC, causal.consistency())) {
      assertThat(judge(new ReadNeed(seen.within(second), causal.atLeast())))
          .isEqualTo(Freshness.LAGGING);
      assertThat(judge(new ReadNeed(seen.within(twoSeconds), causal.atLeast())))
          .isEqualTo(Freshness.FRESH);
      assertThat(judge(new ReadNeed(seen.within(twoSeconds), ReplicaFleet.after(1, 901).atLeast())))
          .isEqualTo(Freshness.BEHIND);
    }
  }

  @Test
  void aBoundIsInAdditionToTheToken() {
    Consistency bounded = Consistency.bounded(Duration.ofSeconds(1));

    assertThat(judge(new ReadNeed(bounded, ReplicaFleet.after(1, 1001).atLeast())))
        .isEqualTo(Freshness.BEHIND);
    assertThat(judge(new ReadNeed(bounded, ReplicaFleet.after(1, 1000).atLeast())))
        .isEqualTo(Freshness.FRESH);
  }
}
