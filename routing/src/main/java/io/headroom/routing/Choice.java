package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * Where a read may go now.
 *
 * @param node a replica, or null if none will do
 * @param reason why that one, or what all replicas lack ({@link RouteReason#SPILLED_LAGGING},
 *     {@link RouteReason#SPILLED_DOWN}, {@link RouteReason#NO_REPLICAS})
 * @param nearest where no node will do but one is only behind: the one to wait for, else null
 * @param trial whether the read is one of those by which a node's breaker decides: it must be told
 *     how that went
 */
record Choice(@Nullable Node node, RouteReason reason, @Nullable Node nearest, boolean trial) {

  Choice(@Nullable Node node, RouteReason reason, @Nullable Node nearest) {
    this(node, reason, nearest, false);
  }

  /** The same as a trial. */
  Choice asTrial() {
    return new Choice(node, reason, nearest, true);
  }
}
