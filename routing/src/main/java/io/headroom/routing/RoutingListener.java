package io.headroom.routing;

import org.jspecify.annotations.Nullable;

/**
 * Hears where work goes and what becomes of the nodes. Every method does nothing unless overridden.
 *
 * <p>Called on the thread where it happens, so be quick; must be thread-safe. An exception thrown
 * here is logged and never reaches a caller.
 */
public interface RoutingListener {

  /**
   * A connection was bound to a node.
   *
   * @param cluster the data source's name
   * @param node the node's name
   * @param reason why there
   */
  default void onRouted(String cluster, String node, RouteReason reason) {}

  /**
   * Work was turned away.
   *
   * @param cluster the data source's name
   * @param reason why
   */
  default void onRefused(String cluster, RouteReason reason) {}

  /**
   * A read asked a replica whether it has caught up, and waited for it if it had not.
   *
   * @param cluster the data source's name
   * @param node the replica
   * @param waitNanos how long
   * @param caughtUp whether it did within the bound
   */
  default void onWaited(String cluster, String node, long waitNanos, boolean caughtUp) {}

  /**
   * A node answers probes again, or for the first time.
   *
   * @param cluster the data source's name
   * @param node the node's name
   */
  default void onUp(String cluster, String node) {}

  /**
   * A node does not answer probes any more.
   *
   * @param cluster the data source's name
   * @param node the node's name
   * @param cause why
   */
  default void onDown(String cluster, String node, Exception cause) {}

  /**
   * A replica's circuit breaker opened: it failed too much of the work sent there.
   *
   * @param cluster the data source's name
   * @param node the node's name
   * @param forNanos for how long no read is sent there
   */
  default void onEjected(String cluster, String node, long forNanos) {}

  /**
   * A replica's circuit breaker closed again.
   *
   * @param cluster the data source's name
   * @param node the node's name
   */
  default void onReturned(String cluster, String node) {}

  /**
   * Another node is the primary, or none is, or there is one again.
   *
   * @param cluster the data source's name
   * @param from the node before, null if there was none
   * @param to the node now, null if there is none
   * @param timeline the highest timeline seen
   */
  default void onPrimaryChanged(
      String cluster, @Nullable String from, @Nullable String to, long timeline) {}

  /**
   * Something that an operator must look at: no primary, two writers, a node of another database,
   * two names of one server. Once for each change.
   *
   * @param cluster the data source's name
   * @param what it is, with the nodes' names
   */
  default void onTrouble(String cluster, String what) {}

  /**
   * A commit's outcome is unknown.
   *
   * @param cluster the data source's name
   * @param node the node that it was sent to
   */
  default void onUnknownOutcome(String cluster, String node) {}
}
