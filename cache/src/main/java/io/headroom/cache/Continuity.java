package io.headroom.cache;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.SharedStore.SyncAnswer;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** Whether what the shared tier tells of a partition goes on from what is known of it here. */
final class Continuity {

  private Continuity() {}

  /** Whether all that has happened since is in the answer, in the epoch that is known. */
  static boolean reaches(SyncAnswer answer, Position before) {
    Position at = answer.at();
    if (at.position() == before.position()) {
      return true;
    }
    List<Invalidation> records = answer.records();
    return !records.isEmpty()
        && records.get(records.size() - 1).at().position() <= before.position() + 1
        && records.get(0).at().position() == at.position();
  }

  /**
   * Whether the shared tier tells the same of what is known here.
   *
   * @param identities of what has been applied here, by their numbers; 0 where that is not known
   */
  static boolean isSame(SyncAnswer answer, Position before, LongUnaryOperator identities) {
    if (answer.at().incarnation() != before.incarnation()) {
      return true;
    }
    for (Invalidation record : answer.records()) {
      if (record.at().position() == before.position()) {
        long known = identities.applyAsLong(before.position());
        return known == 0 || known == record.identity();
      }
    }
    return true;
  }

  /**
   * Whether the shared tier has gone back in what is known here, and nothing else has happened
   * there: then nothing was missed, and what it has lost is told again.
   */
  static boolean isPartOf(SyncAnswer answer, Position before, LongUnaryOperator identities) {
    Position at = answer.at();
    if (at.incarnation() != before.incarnation() || at.position() > before.position()) {
      return false;
    }
    return at.position() == 0
        || answer.records().stream()
            .anyMatch(
                record ->
                    record.at().position() == at.position()
                        && record.identity() == identities.applyAsLong(at.position()));
  }

  /**
   * Whether all that was invalidated since is in the answer, which is of a later epoch.
   *
   * @param isRetold whether those who have invalidated something since tell it again, where the
   *     shared tier has lost the end of the epoch before, or everything
   */
  static boolean tellsAll(SyncAnswer answer, Position before, boolean isRetold) {
    Position at = answer.at();
    Position end = answer.before();
    if (before.incarnation() == 0) {
      return at.position() == 0 && end == null;
    }
    return at.incarnation() > before.incarnation()
        && !answer.hasCleared(before)
        && reaches(answer, new Position(at.incarnation(), 0))
        && (before.equals(end) || (isRetold && (end == null || isBefore(end, before))));
  }

  private static boolean isBefore(Position end, Position known) {
    return end.incarnation() == known.incarnation() && end.position() < known.position();
  }
}
