package io.headroom.cache;

import io.headroom.ConsistencyToken.Position;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the epochs before the present one ended, as far as is known. A server that was replaced may
 * not know it, and go on for a while giving out numbers of its old epoch to those who are still
 * connected to it: what lies beyond an epoch's end has happened nowhere else. Immutable.
 */
final class EpochEnds {

  /** Nothing is known. */
  static final EpochEnds NONE = new EpochEnds(List.of());

  private static final int MOST = 8;

  /** The latest first, of each epoch one. */
  private final List<Position> ends;

  private EpochEnds(List<Position> ends) {
    this.ends = ends;
  }

  /**
   * With one more, or a later one of an epoch that is known.
   *
   * @param end where an epoch ended at the earliest; null or of no epoch adds nothing
   */
  EpochEnds with(@Nullable Position end) {
    if (end == null || end.incarnation() <= 0) {
      return this;
    }
    List<Position> all = new ArrayList<>(ends);
    all.removeIf(
        known -> known.incarnation() == end.incarnation() && known.position() <= end.position());
    if (all.stream().noneMatch(known -> known.incarnation() == end.incarnation())) {
      all.add(end);
    }
    all.sort((one, other) -> other.compareTo(one));
    return new EpochEnds(List.copyOf(all.subList(0, Math.min(MOST, all.size()))));
  }

  /**
   * Whether an invalidation of an earlier epoch came before that epoch's end. One of an epoch that
   * nobody knows here did if it is older than all that are known; else it is of another history.
   */
  boolean cover(Position seen) {
    for (Position end : ends) {
      if (end.incarnation() <= seen.incarnation()) {
        return end.incarnation() == seen.incarnation() && seen.position() <= end.position();
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return ends.toString();
  }
}
