package io.headroom.routing;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The history that leads to a timeline: which timelines it came from, and where it left each. A
 * position at or below the end of a timeline is part of those that came of it; one above it was
 * lost with the server that had it.
 *
 * <p>Timelines that were begun and abandoned have a number, too, and no place here: after a server
 * left 1 for 2 and was given up, the next one may leave 1 for 3.
 *
 * <p>Immutable. Source: PostgreSQL, src/backend/access/transam/timeline.c.
 */
final class TimelineEnds {

  static final TimelineEnds NONE = new TimelineEnds(0, Collections.emptySortedMap());

  private final long timeline;
  private final SortedMap<Long, Long> ends;

  private TimelineEnds(long timeline, SortedMap<Long, Long> ends) {
    this.timeline = timeline;
    this.ends = Collections.unmodifiableSortedMap(ends);
  }

  /** The history of a timeline of which nothing more is known. */
  static TimelineEnds of(long timeline) {
    return new TimelineEnds(timeline, Collections.emptySortedMap());
  }

  /** Which timeline this is the history of; 0 if of none. */
  long timeline() {
    return timeline;
  }

  /**
   * Learns that this history ran through a timeline at least up to a position, and then left it.
   * Bounds that are known only grow.
   */
  TimelineEnds with(long earlier, long position) {
    SortedMap<Long, Long> more = new TreeMap<>(ends);
    more.merge(earlier, position, Math::max);
    return new TimelineEnds(Math.max(timeline, earlier + 1), more);
  }

  /** Learns what a server's history file says, of timelines before this history's own. */
  TimelineEnds with(Map<Long, Long> told) {
    TimelineEnds all = this;
    for (Map.Entry<Long, Long> end : told.entrySet()) {
      if (end.getKey() < timeline && !end.getValue().equals(ends.get(end.getKey()))) {
        all = all.with(end.getKey(), end.getValue());
      }
    }
    return all;
  }

  /** Whether a position on one timeline is known to be part of another. */
  boolean carriesOver(long from, long position, long later) {
    if (from == later) {
      return true;
    }
    Long end = ends.get(from);
    boolean onTheWay = later == timeline || ends.containsKey(later);
    return from < later && onTheWay && end != null && position <= end;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TimelineEnds that
        && timeline == that.timeline
        && ends.equals(that.ends);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(timeline) + ends.hashCode();
  }

  @Override
  public String toString() {
    return "TimelineEnds[" + timeline + ", after " + ends + "]";
  }
}
