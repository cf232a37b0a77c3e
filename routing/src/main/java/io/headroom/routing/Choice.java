package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * Where a read may go now.
 *
 * @param node a replica, or null if none will do
 * @param reason why that one, or what all replicas lack ({@link RouteReason#SPILLED_LAGGING},
 *     {@link RouteReason#SPILLED_DOWN}, {@link RouteReason#NO_REPLICAS})
 * @param nearest where no node will do but one is only behind: the one to wait for, else null
 */
record Choice(@Nullable Node node, RouteReason reason, @Nullable Node nearest) {}
