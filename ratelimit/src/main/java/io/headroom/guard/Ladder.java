package io.headroom.guard;

import io.headroom.LoadLevel;
import java.util.concurrent.TimeUnit;

/**
 * From what is measured to a level: up at once, down one at a time and after a dwell, so that it
 * does not flap. Not thread-safe.
 *
 * <p>The dwell doubles with every excursion, and is itself again after five quiet minutes. That
 * alone bounds no minute, so a level is also kept where ending it could make the fifth change
 * within a minute: counted are those that were, the one at hand, and one for each level that load
 * could raise again. The first excursion after quiet minutes is exempt, and ends soon.
 */
final class Ladder {

  private static final int MOST_CHANGES = 4;
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
  private static final long QUIET = TimeUnit.MINUTES.toNanos(5);
  private static final long LONGEST_DWELL = TimeUnit.SECONDS.toNanos(16);

  private final long firstDwell;

  private LoadLevel level = LoadLevel.NORMAL;
  private long dwell;

  /** Since when it could be lower; meaningful while a level is up. */
  private long calmSince;

  /** Whether it has gone down since it last went up. */
  private boolean wasDown = true;

  private boolean first = true;

  /** The times of the last changes, the next to be overwritten at {@code changes % length}. */
  private final long[] changedAt = new long[MOST_CHANGES];

  private int changes;

  Ladder(long dwellNanos) {
    this.firstDwell = dwellNanos;
    this.dwell = dwellNanos;
  }

  /**
   * Takes in what was measured.
   *
   * @param entered the highest level that the load calls for
   * @param kept the highest level that it does not allow to end
   */
  LoadLevel update(LoadLevel entered, LoadLevel kept, long nowNanos) {
    if (entered.compareTo(level) > 0) {
      goUp(entered, nowNanos);
    } else if (level == LoadLevel.NORMAL || kept.atLeast(level)) {
      calmSince = nowNanos;
    } else if (nowNanos - calmSince >= dwell && mayGoDown(nowNanos)) {
      change(below(level), nowNanos);
      calmSince = nowNanos;
      wasDown = true;
    }
    return level;
  }

  private void goUp(LoadLevel higher, long nowNanos) {
    if (wasDown) {
      boolean quiet = changes == 0 || nowNanos - lastChange() >= QUIET;
      first = quiet;
      dwell = quiet ? firstDwell : Math.max(firstDwell, Math.min(2 * dwell, LONGEST_DWELL));
      wasDown = false;
    }
    change(higher, nowNanos);
    calmSince = nowNanos;
  }

  private long lastChange() {
    return changedAt[(changes - 1) % MOST_CHANGES];
  }

  private void change(LoadLevel to, long nowNanos) {
    level = to;
    changedAt[changes % MOST_CHANGES] = nowNanos;
    // The same place, and never zero again.
    changes = changes + 1 == 2 * MOST_CHANGES ? MOST_CHANGES : changes + 1;
  }

  private boolean mayGoDown(long nowNanos) {
    if (first) {
      return true;
    }
    int lately = 0;
    for (int i = 0; i < Math.min(changes, MOST_CHANGES); i++) {
      lately += nowNanos - changedAt[i] < MINUTE ? 1 : 0;
    }
    return lately + 1 + levelsAbove(below(level)) <= MOST_CHANGES;
  }

  private static LoadLevel below(LoadLevel level) {
    return switch (level) {
      case CRITICAL -> LoadLevel.HIGH;
      case HIGH -> LoadLevel.ELEVATED;
      case ELEVATED, NORMAL -> LoadLevel.NORMAL;
    };
  }

  private static int levelsAbove(LoadLevel level) {
    return switch (level) {
      case CRITICAL -> 0;
      case HIGH -> 1;
      case ELEVATED -> 2;
      case NORMAL -> 3;
    };
  }

  LoadLevel level() {
    return level;
  }

  /** How long it takes until the level ends at the earliest, if it is calm from now on. */
  long dwellNanos() {
    return dwell;
  }
}
