package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.Invalidation.Kind;
import io.headroom.cache.Partition.Asked;
import io.headroom.cache.Partition.Synced;
import io.headroom.cache.SharedStore.SyncAnswer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is known of a partition when news are late, lost, or contradict each other. */
class PartitionTest {

  private static final long EPOCH = 1_700_000_000_000_000_001L;
  private static final long LATER = EPOCH + 1_000_000;
  private static final long MAX_STALENESS = 1_000;
  private static final long RETOLD = 5_000;

  private final Partition partition = new Partition(0, "~test.00", MAX_STALENESS, RETOLD, 0);
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
    return syncs(asked, null, epoch, number, records);
  }

  private Synced syncs(
      Asked asked, @Nullable Position end, long epoch, long number, Invalidation... records) {
    return partition.syncs(answer(end, epoch, number, records), asked, () -> forgotten++);
  }

  private static SyncAnswer answer(
      @Nullable Position end, long epoch, long number, Invalidation... records) {
    return new SyncAnswer(
        new Position(epoch, number), 0, 0, end, List.of(records), false, 1_700_000_000_000L);
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
            answer(null, EPOCH, 900, news(EPOCH, 900)),
            partition.asks(5),
            () -> then[0] = partition.applied());
    assertThat(synced).isEqualTo(Synced.GAP);
    assertThat(then[0]).isEqualTo(new Position(EPOCH, 10));
  }

  /** What may have been invalidated, as far as is known, is not even served as stale. */
  @Test
  void whatIsLeftOfAnEpochIsStaleIfItIsKnownWhatWasMissed() {
    assertThat(isGoneAfter(null, LATER, 0)).as("nothing").isFalse();
    assertThat(isGoneAfter(null, LATER, 2, news(LATER, 2), news(LATER, 1))).as("two").isFalse();
    assertThat(isGoneAfter(null, LATER, 2, news(LATER, 2))).as("one of two").isTrue();
    assertThat(isGoneAfter(null, LATER, 2)).as("two that nobody can read").isTrue();
    assertThat(isGoneAfter(new Position(EPOCH, 10), LATER, 0)).as("it ended there").isFalse();
    assertThat(isGoneAfter(new Position(EPOCH, 9), LATER, 0)).as("a server lost one").isFalse();
    assertThat(isGoneAfter(new Position(EPOCH, 11), LATER, 0)).as("it went on").isTrue();
    assertThat(isGoneAfter(new Position(EPOCH + 9, 0), LATER, 0)).as("one between").isTrue();
    assertThat(isGoneAfter(null, EPOCH, 900, news(EPOCH, 900))).as("a gap").isTrue();
    assertThat(isGoneAfter(null, EPOCH, 9)).as("another history").isTrue();
  }

  private static boolean isGoneAfter(
      @Nullable Position end, long epoch, long number, Invalidation... records) {
    Partition other = new Partition(0, "~test.00", MAX_STALENESS, RETOLD, 0);
    other.syncs(answer(null, EPOCH, 10), other.asks(1), () -> {});
    Standing before = other.standing(2);
    other.syncs(answer(end, epoch, number, records), other.asks(2), () -> {});
    assertThat(before.trustedNanos(3)).isNotPositive();
    return before.isGone();
  }

  /** Who had invalidated something has forgotten it by then. */
  @Test
  void afterALongTimeAwayNothingIsLeftWhereTheSharedTierHasForgottenAll() {
    Standing soon = partition.standing(2);
    syncs(partition.asks(1 + RETOLD), LATER, 0);
    assertThat(soon.isGone()).isFalse();

    Standing late = partition.standing(RETOLD + 2);
    syncs(partition.asks(2 + 2 * RETOLD), LATER + 1, 0);
    assertThat(late.isGone()).isTrue();
  }

  @Test
  void aServerThatHasGoneBackInWhatIsKnownHereLeavesWhatIsStale() {
    partition.hears(news(EPOCH, 11), 2);
    partition.hears(news(EPOCH, 12), 3);
    Standing before = partition.standing(4);
    assertThat(syncs(partition.asks(5), EPOCH, 11, news(EPOCH, 11))).isEqualTo(Synced.FORGOTTEN);
    assertThat(before.trustedNanos(6)).isNotPositive();
    assertThat(before.isGone()).isFalse();
  }

  @Test
  void aServerThatHasGoneBackAndOnToSomethingElseLeavesNothing() {
    partition.hears(news(EPOCH, 11), 2);
    partition.hears(news(EPOCH, 12), 3);
    Standing before = partition.standing(4);
    assertThat(syncs(partition.asks(5), EPOCH, 11, news(EPOCH, 11, 4))).isEqualTo(Synced.FORGOTTEN);
    assertThat(before.isGone()).isTrue();
  }

  /** A read may tell of a new epoch sooner than the bus. */
  @Test
  void aNewEpochThatWasSeenBeforeItIsHeardOfLeavesWhatIsStale() {
    Standing before = partition.standing(3);
    partition.saw(new Position(LATER, 1), new Position(EPOCH, 10), 4);
    assertThat(partition.hears(begins(LATER), 5)).isTrue();
    assertThat(before.trustedNanos(6)).isNotPositive();
    assertThat(before.isGone()).isFalse();
  }

  @Test
  void theLastNewsOfAnEpochMayBeFoundToBeMissingInTheNext() {
    Standing before = partition.standing(3);
    partition.hears(begins(LATER), 4);
    assertThat(before.isGone()).isFalse();
    Standing since = partition.standing(5);
    assertThat(syncs(partition.asks(6), new Position(EPOCH, 10), LATER, 1))
        .isEqualTo(Synced.CONTINUED);
    assertThat(since.isGone()).as("nothing is missing").isFalse();

    partition.hears(begins(LATER + 1), 7);
    assertThat(syncs(partition.asks(8), new Position(LATER, 2), LATER + 1, 1))
        .isEqualTo(Synced.GAP);
    assertThat(before.isGone()).as("what was left as stale before").isTrue();
    assertThat(since.isGone()).isTrue();
    assertThat(partition.standing(9).trustedNanos(9)).isPositive();
    assertThat(partition.applied()).isEqualTo(new Position(LATER + 1, 1));
  }

  @Test
  void anEpochThatNobodyHasHeardOfLeavesNothing() {
    Standing before = partition.standing(3);
    partition.hears(begins(LATER + 1), 4);
    assertThat(partition.isToJudge()).isTrue();
    assertThat(syncs(partition.asks(5), new Position(LATER, 0), LATER + 1, 1))
        .isEqualTo(Synced.GAP);
    assertThat(before.isGone()).isTrue();
    assertThat(partition.isToJudge()).isFalse();
  }

  @Test
  void theNextEpochLeavesNothingIfTheOneBeforeWasNotJudged() {
    Standing before = partition.standing(3);
    partition.hears(begins(LATER), 4);
    partition.hears(begins(LATER + 1), 5);
    assertThat(before.isGone()).isTrue();
  }

  @Test
  void allKeysIncludesThoseThatWereStaleBefore() {
    Standing before = partition.standing(3);
    assertThat(syncs(partition.asks(4), LATER, 0)).isEqualTo(Synced.NEW_EPOCH);
    assertThat(before.isGone()).isFalse();
    partition.hears(
        new Invalidation(new Position(LATER + 1, 1), 7, 5, Kind.ALL, SharedRead.WRITER_UNKNOWN, ""),
        5);
    assertThat(before.isGone()).isTrue();
    assertThat(partition.standing(6).isGone()).isFalse();
  }

  @Test
  void anAnswerThatIsOlderThanWhatWasHeardSinceChangesNothing() {
    Asked before = partition.asks(3);
    partition.hears(begins(LATER), 4);
    assertThat(syncs(before, EPOCH, 11, news(EPOCH, 11))).isEqualTo(Synced.OUTDATED);
    assertThat(partition.applied()).isEqualTo(new Position(LATER, 1));
    assertThat(partition.isVerified()).isTrue();
  }

  /** What came between has been forgotten by those who could tell it again. */
  @Test
  void aServerThatGoesBackAfterALongTimeAwayLeavesNothing() {
    partition.hears(news(EPOCH, 11), 2);
    Standing before = partition.standing(3);
    long late = 2 + RETOLD;
    assertThat(syncs(partition.asks(late), EPOCH, 11, news(EPOCH, 11))).isEqualTo(Synced.CONTINUED);
    partition.hears(news(EPOCH, 12), late + 1);
    assertThat(syncs(partition.asks(2 * late), EPOCH, 11, news(EPOCH, 11)))
        .isEqualTo(Synced.FORGOTTEN);
    assertThat(before.isGone()).isTrue();
  }

  private static Invalidation begins(long epoch) {
    return new Invalidation(
        new Position(epoch, 1), epoch * 31, 5, Kind.EPOCH, SharedRead.WRITER_UNKNOWN, "");
  }

  @Test
  void whatWasThereBeforeTheFirstAnswerIsStaleIfThereWasNothingToMiss() {
    assertThat(isGoneAfterFirst(null, EPOCH, 0)).isFalse();
    assertThat(isGoneAfterFirst(null, EPOCH, 1)).isTrue();
    assertThat(isGoneAfterFirst(new Position(EPOCH - 1, 9), EPOCH, 0)).isTrue();
  }

  private static boolean isGoneAfterFirst(@Nullable Position end, long epoch, long number) {
    Partition other = new Partition(0, "~test.00", MAX_STALENESS, RETOLD, 0);
    Standing before = other.standing(1);
    other.syncs(answer(end, epoch, number), other.asks(1), () -> {});
    return before.isGone();
  }

  @Test
  void aNewEpochThatIsHeardOfAfterAGapLeavesNothing() {
    Standing before = partition.standing(3);
    partition.hears(news(EPOCH, 12), 5);
    assertThat(partition.hears(begins(LATER), 6)).isTrue();
    assertThat(before.isGone()).isTrue();
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
    Partition other = new Partition(0, "~test.00", MAX_STALENESS, RETOLD, late);
    other.syncs(answer(null, EPOCH, 1), other.asks(late), () -> {});
    assertThat(other.standing(late + 20).trustedNanos(late + 20)).isEqualTo(MAX_STALENESS - 20);
  }
}
