package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * Who is the primary, as far as is known: what work is routed by. Immutable; a new one is published
 * by one volatile write.
 *
 * @param version grows with every change
 * @param primary the one node that may be written to, null while there is none
 * @param timeline the highest timeline seen, by probes or in tokens; nothing on a lower one is ever
 *     written to. 0 before any was seen
 * @param ends where the timelines before it ended
 * @param refused bit per node: of another cluster, or the same server as another node; never used
 * @param trouble why there is no primary, for messages; null while there is one
 */
record Topology(
    long version,
    @Nullable Node primary,
    long timeline,
    TimelineEnds ends,
    long refused,
    @Nullable String trouble) {

  /**
   * Whether the server that a node gave this answer from is not to be written to any more: another
   * node is the primary, its timeline has ended, or it is not the only one that takes writes. One
   * that just does not answer may be the primary still.
   */
  @SuppressWarnings("ReferenceEquality") // a node is one object
  boolean isReplaced(Node node, Sample answer) {
    return (primary != null && primary != node)
        || answer.status().timeline().orElse(timeline) < timeline
        || ((refused & node.bit()) != 0 && isOfSameRun(node.sample(), answer));
  }

  /** Else the node's name has come to mean another server, and that is the one that is refused. */
  private static boolean isOfSameRun(@Nullable Sample last, Sample answer) {
    return last != null && last.status().incarnation().equals(answer.status().incarnation());
  }
}
