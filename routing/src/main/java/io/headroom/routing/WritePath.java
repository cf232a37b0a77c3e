package io.headroom.routing;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.ConnectionHooks;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Binds work to the primary, and waits for one where there is none. Thread-safe. */
final class WritePath {

  private final Routes routes;

  WritePath(Routes routes) {
    this.routes = routes;
  }

  /** Binds what was not declared read-only. */
  Binding bind(BindRequest request) throws SQLException {
    return bind(request, RouteReason.WRITE, false);
  }

  /**
   * Binds what only the primary can do; where there is none, once there is one again.
   *
   * @param monotonic whether the request's later reads may not show less
   */
  Binding bind(BindRequest request, RouteReason reason, boolean monotonic) throws SQLException {
    routes.requireInTime(request.context(), null);
    long began = routes.time().nanoTime();
    Topology topology = routes.topologyFor(request.context());
    Node primary = topology.primary();
    SQLException failed = null;
    if (primary != null) {
      try {
        return onPrimary(primary, topology, request, reason, monotonic);
      } catch (SQLException failure) {
        failed = failure;
      }
    }
    return again(request, reason, monotonic, began, primary, failed);
  }

  /**
   * The way that takes time: a primary is to be found first.
   *
   * @param began when it was asked for: a pool whose server has died may have held it since
   */
  @SuppressWarnings("ReferenceEquality") // a node is one object
  private Binding again(
      BindRequest request,
      RouteReason reason,
      boolean monotonic,
      long began,
      @Nullable Node tried,
      @Nullable SQLException failed)
      throws SQLException {
    long started = routes.time().nanoTime();
    long bound = Routes.nanosLeft(routes.waits().forPrimary(), request.context());
    Node lastTried = tried;
    SQLException lastFailure = failed;
    while (true) {
      long left = bound - (routes.time().nanoTime() - started);
      if (lastTried != null && lastFailure != null && isThere(lastTried, lastFailure, left)) {
        throw lastFailure; // it is there: its pool is exhausted, or refuses us, and says so itself
      }
      left = bound - (routes.time().nanoTime() - started);
      Topology found = routes.awaitPrimary(left);
      if (found.primary() == null || (left <= 0 && found.primary() == lastTried)) {
        routes.refused(RouteReason.REFUSED_NO_PRIMARY);
        throw noPrimary(found, routes.time().nanoTime() - began, lastFailure);
      }
      routes.requireInTime(request.context(), lastFailure); // there is one, but too late
      // What the request's token tells could not be read before it was known of which cluster.
      Topology topology = routes.topologyFor(request.context());
      Node primary = topology.primary();
      if (primary == null) {
        continue;
      }
      try {
        return onPrimary(primary, topology, request, reason, monotonic);
      } catch (SQLException failure) {
        lastTried = primary;
        lastFailure = failure;
      }
    }
  }

  /**
   * Who is refused by a guard is told so at once, unless the node is known not to answer. With no
   * time left to ask the node, a pool that is used up does not speak against it.
   */
  @SuppressWarnings("ReferenceEquality") // a node is one object
  private boolean isThere(Node node, SQLException failure, long left) throws SQLException {
    if (Routes.isRefusedByGuard(failure) && node.isUp() && !node.isDoubted()) {
      return routes.monitor().current().primary() == node;
    }
    return routes.isStillPrimary(node, left)
        || (left <= 0
            && Routes.isOnlyBusy(failure)
            && routes.monitor().current().primary() == node);
  }

  private NoPrimaryException noPrimary(
      Topology topology, long waitedNanos, @Nullable SQLException cause) {
    String trouble = topology.trouble();
    NoPrimaryException none =
        new NoPrimaryException(
            routes.cluster(),
            waitedNanos,
            trouble == null ? "it does not answer" : trouble,
            routes.waits().forProbe());
    if (cause != null) {
      none.initCause(cause);
    }
    return none;
  }

  /** Binds to the primary, if there is one now, what any node could have told. */
  Binding bindForMetadata(BindRequest request) throws SQLException {
    Topology topology = routes.topologyFor(request.context());
    Node primary = topology.primary();
    if (primary == null) {
      throw noPrimary(topology, 0, null);
    }
    return onPrimary(primary, topology, request, RouteReason.METADATA, false);
  }

  /**
   * Borrows from the primary, and makes sure on that very connection that it still is.
   *
   * @param primary which is it by this topology
   */
  Binding onPrimary(
      Node primary, Topology topology, BindRequest request, RouteReason reason, boolean monotonic)
      throws SQLException {
    primary.load().began();
    Borrowing.@Nullable Borrowed borrowed = null;
    boolean handedOn = false;
    try {
      borrowed = routes.borrowing().borrow(primary, request);
      requirePrimary(primary, routes.monitor().current(), borrowed.sample().status());
      if (request.readOnly()) {
        routes
            .positions()
            .readOnPrimary(
                request.context(),
                borrowed.binding().connection(),
                borrowed.sample(),
                topology.ends());
      }
      Binding binding =
          borrowed.binding().within(hooks(primary, borrowed.sample(), request, monotonic));
      routes.routed(primary, reason);
      handedOn = true;
      return binding;
    } finally {
      if (!handedOn) {
        if (borrowed != null) {
          borrowed.binding().giveBack();
        }
        primary.load().ended();
      }
    }
  }

  private ConnectionHooks hooks(
      Node primary, Sample sample, BindRequest request, boolean monotonic) {
    return request.readOnly()
        ? new ReadHooks(routes, primary, sample, monotonic, NodeHealth.NO_TRIAL, request.context())
        : new WriteHooks(routes, primary, sample);
  }

  private void requirePrimary(Node node, Topology topology, NodeStatus status) throws SQLException {
    boolean older = status.timeline().orElse(topology.timeline()) < topology.timeline();
    if (status.role() != NodeRole.PRIMARY || older) {
      throw new NoPrimaryException(
          routes.cluster(),
          0,
          "node '"
              + node.name()
              + "' was the primary, but says that it is "
              + (older
                  ? "on timeline " + status.timeline().orElse(0) + ", which has ended"
                  : "a replica"),
          routes.waits().forProbe());
    }
  }
}
