package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.Invalidation.Kind;
import io.headroom.cache.Partition.Asked;
import io.headroom.cache.Partition.Synced;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is known of a partition when news are late, lost, or contradict each other. */
class PartitionTest {

  private static final long EPOCH = 1_700_000_000_000_000_001L;
  private static final long LATER = EPOCH + 1_000_000;
  private static final long MAX_STALENESS = 1_000;

  private final Partition partition = new Partition(0, "~test.00", MAX_STALENESS, 0);
  private int forgotten;

  @BeforeEach
  void knowsTen() {
    assertThat(syncs(partition.asks(1), EPOCH, 10)).isEqualTo(Synced.FIRST);
    assertThat(partition.isVerified()).isTrue();
    forgotten = 0;
  }

  private static Invalidation news(long epoch, long number) {
    return news(epoch, number, number * 31);
  }

  private static Invalidation news(long epoch, long number, long identity) {
    return new Invalidation(
        new Position(epoch, number), identity, 5, Kind.KEY, SharedRead.WRITER_UNKNOWN, "key");
  }

  private Synced syncs(Asked asked, long epoch, long number, Invalidation... records) {
    return partition.syncs(
        new Position(epoch, number), asked, List.of(records), false, () -> forgotten++);
  }

  @Test
  void aGapIsRememberedUntilItIsKnownWhatWasMissed() {
    assertThat(partition.hears(news(EPOCH, 12), 5)).isFalse();
    assertThat(partition.aheadForNanos(8)).isEqualTo(3);
    partition.confirm(100);
    assertThat(partition.heardNanos()).as("not by an echo").isEqualTo(1);

    assertThat(syncs(partition.asks(4), EPOCH, 10)).as("asked before").isEqualTo(Synced.CONTINUED);
    assertThat(partition.aheadForNanos(8)).isEqualTo(3);
    assertThat(
            syncs(partition.asks(6), EPOCH, 12, news(EPOCH, 12), news(EPOCH, 11), news(EPOCH, 10)))
        .isEqualTo(Synced.CONTINUED);
    assertThat(partition.aheadForNanos(8)).isZero();
    assertThat(partition.applied()).isEqualTo(new Position(EPOCH, 12));
  }

  @Test
  void newsThatNobodyConfirmsAreNotWaitedForForEver() {
    assertThat(partition.hears(news(LATER, 7), 5)).isFalse();
    assertThat(partition.aheadForNanos(8)).isPositive();
    assertThat(syncs(partition.asks(6), EPOCH, 10)).isEqualTo(Synced.CONTINUED);
    assertThat(partition.aheadForNanos(8)).isZero();
  }

  @Test
  void anAnswerFromBeforeADoubtDoesNotEndIt() {
    Asked before = partition.asks(5);
    partition.doubt();
    assertThat(syncs(before, EPOCH, 10)).isEqualTo(Synced.CONTINUED);
    assertThat(partition.isVerified()).isFalse();
    assertThat(syncs(before, LATER, 0)).isEqualTo(Synced.NEW_EPOCH);
    assertThat(partition.isVerified()).isFalse();

    assertThat(syncs(partition.asks(6), LATER, 0)).isEqualTo(Synced.CONTINUED);
    assertThat(partition.isVerified()).isTrue();
  }

  @Test
  void anotherInvalidationWithAKnownNumberIsALostHistory() {
    assertThat(partition.hears(news(EPOCH, 11), 5)).isTrue();
    assertThat(partition.hears(news(EPOCH, 11), 6)).as("the same again").isTrue();
    assertThat(partition.hears(news(EPOCH, 11, 4), 7)).isFalse();
    assertThat(partition.isVerified()).isFalse();
    assertThat(syncs(partition.asks(8), EPOCH, 11, news(EPOCH, 11, 4))).isEqualTo(Synced.FORGOTTEN);
  }

  @Test
  void nobodyJoinsALoadFromBeforeAGapOnceThatIsApplied() {
    Position[] then = new Position[1];
    Synced synced =
        partition.syncs(
            new Position(EPOCH, 900),
            partition.asks(5),
            List.of(news(EPOCH, 900)),
            false,
            () -> then[0] = partition.applied());
    assertThat(synced).isEqualTo(Synced.GAP);
    assertThat(then[0]).isEqualTo(new Position(EPOCH, 10));
  }

  @Test
  void whatAReplacedServerNumbersHasNotHappened() {
    syncs(partition.asks(5), LATER, 0);
    assertThat(partition.hasApplied(new Position(EPOCH, 10))).isTrue();
    assertThat(partition.hasApplied(new Position(EPOCH, 11))).isFalse();
    assertThat(partition.hasApplied(new Position(EPOCH + 1, 1))).as("another branch").isFalse();
    assertThat(partition.hasApplied(new Position(EPOCH - 1, 99))).as("long ago").isTrue();
    partition.learns(new Position(EPOCH, 12));
    assertThat(partition.hasApplied(new Position(EPOCH, 12))).isTrue();
    partition.learns(new Position(EPOCH, 3));
    assertThat(partition.hasApplied(new Position(EPOCH, 12))).isTrue();
  }

  @Test
  void clocksMayStandAnywhere() {
    long late = Long.MAX_VALUE - 10;
    Partition other = new Partition(0, "~test.00", MAX_STALENESS, late);
    other.syncs(new Position(EPOCH, 1), other.asks(late), List.of(), false, () -> {});
    assertThat(other.standing(late + 20).trustedNanos(late + 20)).isEqualTo(MAX_STALENESS - 20);
  }
}
