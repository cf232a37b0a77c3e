package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * What was configured for a node.
 *
 * @param name its name, unique in the data source
 * @param weight its share of reads beside the others', more than 0
 * @param zone where it stands, null if nobody said
 * @param backup whether it is read from only when no other replica is left
 * @param capacity connections that its pool has at most, {@link Integer#MAX_VALUE} if not known
 * @param resource what its pool is called by whoever tells of loads
 */
record NodeSettings(
    String name,
    double weight,
    @Nullable String zone,
    boolean backup,
    int capacity,
    String resource) {}
