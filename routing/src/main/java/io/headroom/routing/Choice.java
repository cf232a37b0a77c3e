package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * Where a read may go now.
 *
 * @param node a replica that will do; null if there is none, or one is to be asked first
 * @param reason why that one, or what all replicas lack ({@link RouteReason#SPILLED_LAGGING},
 *     {@link RouteReason#SPILLED_DOWN}, {@link RouteReason#NO_REPLICAS})
 * @param toAsk one that is to be asked, and waited for, since its last answer does not do; else
 *     null
 * @param trial whether the read is one of those by which a node's breaker decides: it must be told
 *     how that went
 */
record Choice(@Nullable Node node, RouteReason reason, @Nullable Node toAsk, boolean trial) {

  Choice(@Nullable Node node, RouteReason reason, @Nullable Node toAsk) {
    this(node, reason, toAsk, false);
  }

  /** The same as a trial. */
  Choice asTrial() {
    return new Choice(node, reason, toAsk, true);
  }
}
