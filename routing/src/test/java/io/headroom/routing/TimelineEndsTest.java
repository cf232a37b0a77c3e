package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TimelineEndsTest {

  @Test
  void aPositionHoldsOnItsOwnTimelineHoweverLittleIsKnown() {
    assertThat(TimelineEnds.NONE.carriesOver(1, 100, 1)).isTrue();
    assertThat(TimelineEnds.NONE.carriesOver(1, 100, 2)).isFalse();
  }

  @Test
  void aPositionUpToTheEndOfItsTimelineHoldsOnTheLaterOnes() {
    TimelineEnds ends = TimelineEnds.NONE.with(1, 100).with(2, 200);
    assertThat(ends.timeline()).isEqualTo(3);
    assertThat(ends.carriesOver(1, 100, 2)).isTrue();
    assertThat(ends.carriesOver(1, 100, 3)).isTrue();
    assertThat(ends.carriesOver(1, 101, 2)).isFalse();
    assertThat(ends.carriesOver(1, 101, 3)).isFalse();
    assertThat(ends.carriesOver(2, 150, 3)).isTrue();
  }

  @Test
  void nothingIsKnownOfATimelineThatThisHistoryDoesNotLeadTo() {
    TimelineEnds ends = TimelineEnds.NONE.with(1, 100);
    assertThat(ends.carriesOver(1, 50, 3)).isFalse();
  }

  @Test
  void aLaterPositionDoesNotHoldOnAnEarlierTimeline() {
    assertThat(TimelineEnds.NONE.with(1, 100).carriesOver(2, 50, 1)).isFalse();
  }

  @Test
  void anAbandonedTimelineIsLeftOut() {
    TimelineEnds ends = TimelineEnds.of(3).with(Map.of(1L, 100L));
    assertThat(ends.carriesOver(1, 100, 3)).isTrue();
    assertThat(ends.carriesOver(2, 1, 3)).isFalse();
    assertThat(ends.carriesOver(1, 1, 2)).isFalse();
  }

  @Test
  void aHistoryFileMakesBoundsExactAndNeverLower() {
    TimelineEnds ends = TimelineEnds.of(2).with(1, 90).with(Map.of(1L, 100L));
    assertThat(ends.carriesOver(1, 100, 2)).isTrue();
    assertThat(ends.with(1, 50)).isEqualTo(ends).hasSameHashCodeAs(ends);
    assertThat(ends.with(Map.of(2L, 500L))).isEqualTo(ends); // its own, which has not ended
  }

  @Test
  void readsAHistoryFile() {
    String history =
        """
        # comment
        1\t0/3000148\tno recovery target specified

        3\t1A/FF000000\tafter transaction 12
        """;
    assertThat(PostgresProbe.parseHistory(history))
        .containsOnly(Map.entry(1L, 0x3000148L), Map.entry(3L, 0x1AFF000000L));
    assertThat(PostgresProbe.parseHistory("")).isEmpty();
  }
}
