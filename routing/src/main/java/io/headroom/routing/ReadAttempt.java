package io.headroom.routing;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One read on its way to a replica: it remembers where it was tried in vain. For one thread. */
final class ReadAttempt {

  private final Routes routes;
  private final BindRequest request;
  private final ReadNeed need;
  private long tried;
  private @Nullable SQLException lastFailure;
  private boolean begun;
  private long begunNanos;

  /** One that can be reached does not show enough. */
  private boolean foundBehind;

  private boolean waits;
  private boolean waitedInVain;

  /**
   * A read that may go anywhere.
   *
   * @param avoided bits of nodes that are not to be tried
   */
  ReadAttempt(Routes routes, BindRequest request, ReadNeed need, long avoided) {
    this.routes = routes;
    this.request = request;
    this.need = need;
    this.tried = avoided;
  }

  /**
   * Forgets that nodes were not to be tried.
   *
   * @param nodes their bits
   */
  void mayTryAgain(long nodes) {
    tried &= ~nodes;
  }

  BindRequest request() {
    return request;
  }

  /** Whether the request's later reads may not show less. */
  boolean isMonotonic() {
    return need.isMonotonic();
  }

  /**
   * The best replica of those that were not tried yet. One is waited for, and no more; others are
   * asked once.
   */
  Choice choose() {
    long now = routes.time().nanoTime();
    if (!begun) {
      begun = true;
      begunNanos = now;
    }
    boolean mayWait = !waitedInVain && (!waits || leftNanos() > 0);
    return routes.chooser().choose(routes.monitor().current(), need, tried, mayWait, now);
  }

  /** How long it may be held still, in nanoseconds; not more than zero once that time is over. */
  long leftNanos() {
    long forReplica = routes.waits().forReplica().toNanos();
    long left = forReplica - (routes.time().nanoTime() - begunNanos);
    return Math.min(left, Routes.nanosLeft(routes.waits().forReplica(), request.context()));
  }

  /** For as long as the request has time. */
  void requireInTime() throws SQLTimeoutException {
    routes.requireInTime(request.context(), lastFailure);
  }

  /** Why the primary is to serve it, when there is no node to try any more. */
  RouteReason whyNone(Choice none) {
    return foundBehind && none.reason() == RouteReason.SPILLED_DOWN
        ? RouteReason.SPILLED_LAGGING
        : none.reason();
  }

  /**
   * Null if it could not be had there, and another node is to be tried.
   *
   * @param choice which has a node
   */
  @Nullable Binding tryOn(Choice choice, RouteReason reason) {
    Node node = Objects.requireNonNull(choice.node());
    tried |= node.bit();
    return take(node, choice.trial(), reason, this::willDo);
  }

  /**
   * Null if the replica did not catch up within the bound, or too many wait for it already.
   *
   * @param choice which has a node to ask
   */
  @Nullable Binding waitFor(Choice choice) {
    Node node = Objects.requireNonNull(choice.toAsk());
    tried |= node.bit();
    if (!node.waiters().tryAcquire()) {
      foundBehind = true;
      if (choice.trial()) {
        node.health().trialSaidNothing(node.health().round());
      }
      return null;
    }
    long began = routes.time().nanoTime();
    long forReplica = Routes.nanosLeft(routes.waits().forReplica(), request.context());
    long ends = began + (waits ? Math.min(leftNanos(), forReplica) : forReplica);
    waits = true;
    ReplicaWait wait = new ReplicaWait(routes, node, need, began, ends);
    boolean caughtUp = false;
    try {
      Binding bound =
          take(
              node,
              choice.trial(),
              RouteReason.WAITED,
              borrowed -> {
                boolean does = wait.catchesUp(borrowed);
                waitedInVain = !does;
                return does;
              });
      caughtUp = bound != null;
      return bound;
    } finally {
      node.waiters().release();
      routes.listener().onWaited(node.name(), routes.time().nanoTime() - began, caughtUp);
    }
  }

  boolean maybeStale() {
    return need.consistency().allowsStale();
  }

  /**
   * Null if it could not be had there.
   *
   * @param choice which has a node, whatever that shows
   */
  @Nullable Binding tryStale(Choice choice) {
    Node node = Objects.requireNonNull(choice.node());
    return take(node, choice.trial(), choice.reason(), this::isOfTheFleet);
  }

  NoFreshReplicaException refused(RouteReason refusal, String why, Duration retryAfter) {
    return new NoFreshReplicaException(
        routes.cluster(), refusal, need.consistency(), why, retryAfter, lastFailure);
  }

  private boolean willDo(Borrowing.Borrowed borrowed) throws SQLException {
    requireOfTheFleet(borrowed.sample().status());
    return routes.isFresh(borrowed.sample(), need);
  }

  private boolean isOfTheFleet(Borrowing.Borrowed borrowed) throws SQLException {
    requireOfTheFleet(borrowed.sample().status());
    return true;
  }

  /** What takes writes on a timeline that has ended may show what was never kept. */
  private void requireOfTheFleet(NodeStatus status) throws SQLException {
    long timeline = routes.monitor().current().timeline();
    if (status.role() == NodeRole.PRIMARY && status.timeline().orElse(timeline) < timeline) {
      throw new SQLTransientConnectionException(
          "the server takes writes on timeline " + status.timeline() + ", which has ended",
          "08001");
    }
  }

  /** Whether a connection that was taken will do. */
  @FunctionalInterface
  private interface Check {
    boolean passes(Borrowing.Borrowed borrowed) throws SQLException;
  }

  private @Nullable Binding take(Node node, boolean trial, RouteReason reason, Check check) {
    node.load().began();
    int round = trial ? node.health().round() : NodeHealth.NO_TRIAL;
    Borrowing.@Nullable Borrowed borrowed = null;
    boolean handedOn = false;
    boolean judged = false;
    try {
      borrowed = routes.borrowing().borrow(node, request);
      if (check.passes(borrowed)) {
        ReadHooks hooks =
            new ReadHooks(routes, node, borrowed.sample(), isMonotonic(), round, request.context());
        Binding binding = borrowed.binding().within(hooks);
        routes.routed(node, reason);
        handedOn = true;
        return binding;
      }
      foundBehind = true;
    } catch (SQLException failure) {
      judged = remember(node, failure);
    } finally {
      if (!handedOn) {
        if (borrowed != null) {
          borrowed.binding().giveBack();
        }
        node.load().ended();
        if (trial && !judged) {
          node.health().trialSaidNothing(round);
        }
      }
    }
    return null;
  }

  /** Whether the node's breaker was told. */
  private boolean remember(Node node, SQLException failure) {
    failed(failure);
    if (Routes.isBlameless(failure)) {
      return false;
    }
    boolean lost = routes.probe().classify(failure) == FailureKind.CONNECTION_LOST;
    if (lost) {
      node.health().failed();
    }
    routes.suspect(node);
    return lost;
  }

  /** It could not be had somewhere. */
  void failed(SQLException failure) {
    if (lastFailure != null && lastFailure != failure) {
      failure.addSuppressed(lastFailure);
    }
    lastFailure = failure;
  }
}
