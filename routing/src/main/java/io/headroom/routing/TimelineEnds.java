package io.headroom.routing;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where timelines ended, as far as is known: a position at or below the end of its timeline is part
 * of the later ones too. Immutable.
 */
final class TimelineEnds {

  static final TimelineEnds NONE = new TimelineEnds(Collections.emptySortedMap());

  private final SortedMap<Long, Long> ends;

  private TimelineEnds(SortedMap<Long, Long> ends) {
    this.ends = ends;
  }

  /**
   * Learns that a timeline held at least up to a position when it ended. Bounds that are known only
   * grow.
   */
  TimelineEnds with(long timeline, long position) {
    SortedMap<Long, Long> more = new TreeMap<>(ends);
    more.merge(timeline, position, Math::max);
    return new TimelineEnds(more);
  }

  /** Whether a position on one timeline is known to be part of a later one. */
  boolean carriesOver(long timeline, long position, long later) {
    // every timeline from the token's to the last before the later one must have kept it
    if (timeline > later) {
      return false;
    }
    for (long step = timeline; step < later; step++) {
      Long end = ends.get(step);
      if (end == null || position > end) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return "TimelineEnds" + ends;
  }
}
