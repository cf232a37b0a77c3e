package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * What the judge has found, and what it goes on from next time. Immutable.
 *
 * @param topology what work is routed by
 * @param cluster the database that this is about; a node of another is refused. Null before any
 *     node answered
 * @param settled whether that is so for good, since there was a primary
 * @param seen the highest timeline that a server, or the store, has told of
 * @param claimed the highest timeline that a token has told of
 * @param lastRun which run of which server was the primary last, even if there is none now
 */
record Verdict(
    Topology topology,
    @Nullable String cluster,
    boolean settled,
    long seen,
    long claimed,
    @Nullable String lastRun) {

  /** Before anything was seen. */
  static final Verdict NONE =
      new Verdict(
          new Topology(0, null, 0, TimelineEnds.NONE, 0, "no node has answered a probe yet"),
          null,
          false,
          0,
          0,
          null);

  /** The same, where a token has told of a timeline. */
  Verdict claiming(long timeline) {
    return new Verdict(topology, cluster, settled, seen, Math.max(claimed, timeline), lastRun);
  }

  /** The same, where the primary has told where the timelines before its own ended. */
  Verdict with(TimelineEnds ends) {
    if (ends.equals(topology.ends())) {
      return this;
    }
    Topology more =
        new Topology(
            topology.version() + 1,
            topology.primary(),
            topology.timeline(),
            ends,
            topology.refused(),
            topology.trouble());
    return new Verdict(more, cluster, settled, seen, claimed, lastRun);
  }
}
