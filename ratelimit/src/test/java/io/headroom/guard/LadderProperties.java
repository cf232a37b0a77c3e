package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LoadLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Up at once, down one at a time and after a while, and never to and fro. */
class LadderProperties {

  private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long MINUTE = 60 * SECOND;
  private static final long DWELL = SECOND / 2;
  private static final long ORIGIN = Long.MAX_VALUE - 30 * SECOND;

  /** A stretch of time with one load. */
  record Stretch(LoadLevel entered, LoadLevel kept, int windows) {}

  record Change(long atNanos, LoadLevel from, LoadLevel to) {}

  private static List<Change> changes(List<Stretch> load) {
    Ladder ladder = new Ladder(DWELL);
    List<Change> changes = new ArrayList<>();
    long now = 0;
    for (Stretch stretch : load) {
      for (int i = 0; i < stretch.windows(); i++) {
        LoadLevel before = ladder.level();
        LoadLevel after = ladder.update(stretch.entered(), stretch.kept(), ORIGIN + now);
        if (after != before) {
          changes.add(new Change(now, before, after));
        }
        assertThat(after.atLeast(stretch.entered())).as("never below the load").isTrue();
        now += WINDOW;
      }
    }
    return changes;
  }

  @Provide
  Arbitrary<List<Stretch>> loads() {
    Arbitrary<LoadLevel> levels = Arbitraries.of(LoadLevel.class);
    Arbitrary<Stretch> stretches =
        Combinators.combine(levels, levels, Arbitraries.integers().between(1, 900))
            .as((one, other, windows) -> new Stretch(min(one, other), max(one, other), windows));
    return stretches.list().ofMinSize(1).ofMaxSize(60);
  }

  private static LoadLevel min(LoadLevel one, LoadLevel other) {
    return one.atLeast(other) ? other : one;
  }

  private static LoadLevel max(LoadLevel one, LoadLevel other) {
    return one.atLeast(other) ? one : other;
  }

  @Property
  void itGoesUpAtOnceAndDownOneAtATime(@ForAll("loads") List<Stretch> load) {
    for (Change change : changes(load)) {
      if (!change.to().atLeast(change.from())) {
        assertThat(change.from().compareTo(change.to())).as("%s", change).isEqualTo(1);
      }
    }
  }

  /** As long as it is no first excursion: that may end soon, whenever it comes. */
  @Property
  void thereAreFourChangesAMinuteAtMost(@ForAll("loads") List<Stretch> load) {
    List<Change> changes = changes(load);
    for (int i = 0; i < changes.size(); i++) {
      if (isOfAFirstExcursion(changes, i)) {
        continue;
      }
      long from = changes.get(i).atNanos();
      long within =
          changes.stream()
              .filter(change -> change.atNanos() >= from && change.atNanos() - from < MINUTE)
              .count();
      assertThat(within).as("from %d on: %s", i, changes).isLessThanOrEqualTo(4);
    }
  }

  /** From a change after five quiet minutes until it goes up again after it has gone down. */
  private static boolean isOfAFirstExcursion(List<Change> changes, int index) {
    boolean wasDown = false;
    boolean first = false;
    for (int i = 0; i <= index; i++) {
      Change change = changes.get(i);
      boolean isUp = change.to().atLeast(change.from());
      if (isUp && (wasDown || i == 0)) {
        first = i == 0 || change.atNanos() - changes.get(i - 1).atNanos() >= 5 * MINUTE;
        wasDown = false;
      }
      wasDown |= !isUp;
    }
    return first;
  }

  @Property
  void aSquareWaveMakesFourChangesAMinuteAtMostAfterItsFirst(
      @ForAll @IntRange(min = 1, max = 600) int high,
      @ForAll @IntRange(min = 1, max = 1200) int low,
      @ForAll LoadLevel top) {
    List<Stretch> wave = new ArrayList<>();
    for (long windows = 0; windows < 6000; windows += high + low) {
      wave.add(new Stretch(top, top, high));
      wave.add(new Stretch(LoadLevel.NORMAL, LoadLevel.NORMAL, low));
    }
    List<Change> changes = changes(wave);
    for (long from = MINUTE; from < 600 * SECOND; from += SECOND) {
      long begin = from;
      assertThat(
              changes.stream()
                  .filter(change -> change.atNanos() >= begin && change.atNanos() < begin + MINUTE)
                  .count())
          .isLessThanOrEqualTo(4);
    }
  }

  @Property
  void aFirstExcursionEndsWithinTwoSeconds(
      @ForAll @IntRange(min = 1, max = 3000) int windows, @ForAll LoadLevel top) {
    List<Change> changes =
        changes(
            List.of(
                new Stretch(top, top, windows),
                new Stretch(LoadLevel.NORMAL, LoadLevel.NORMAL, 20)));
    if (top == LoadLevel.NORMAL) {
      assertThat(changes).isEmpty();
    } else {
      assertThat(changes.get(0).to()).isEqualTo(top);
      assertThat(changes.get(changes.size() - 1).to()).isEqualTo(LoadLevel.NORMAL);
    }
  }

  @Example
  void whatComesAgainIsKeptForLonger() {
    Stretch up = new Stretch(LoadLevel.HIGH, LoadLevel.HIGH, 10);
    Stretch down = new Stretch(LoadLevel.NORMAL, LoadLevel.NORMAL, 15);
    Stretch long5 = new Stretch(LoadLevel.NORMAL, LoadLevel.NORMAL, 2 * 600);
    List<Change> changes = changes(List.of(up, down, up, down, long5));
    assertThat(changes).hasSize(6);
    long first = changes.get(2).atNanos() - changes.get(0).atNanos();
    long second = changes.get(5).atNanos() - changes.get(3).atNanos();
    assertThat(second).isGreaterThan(10 * first);
  }

  @Example
  void afterFiveQuietMinutesItIsAFirstOneAgain() {
    Stretch up = new Stretch(LoadLevel.HIGH, LoadLevel.HIGH, 10);
    Stretch quiet = new Stretch(LoadLevel.NORMAL, LoadLevel.NORMAL, 6 * 600);
    List<Change> changes = changes(List.of(up, quiet, up, quiet));
    assertThat(changes).hasSize(6);
    assertThat(changes.get(5).atNanos() - changes.get(3).atNanos()).isLessThan(3 * SECOND);
  }
}
