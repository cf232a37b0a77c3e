package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * What the judge is shown of a node.
 *
 * @param node which
 * @param sample its last answer, null if it never gave one
 * @param tried whether a probe of it has ended, however it did
 * @param up whether it answered the last probe in time
 * @param asReplica the last answer that the same run of the server gave while it was a replica;
 *     null if it gave none
 * @param defect what is wrong with it that only a person can mend, null if nothing is known to be
 */
record Sighting(
    Node node,
    @Nullable Sample sample,
    boolean tried,
    boolean up,
    @Nullable NodeStatus asReplica,
    @Nullable String defect) {}
