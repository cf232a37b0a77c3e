package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One read on its way to a replica: it remembers where it was tried in vain. For one thread. */
final class ReadAttempt {

  private static final long FIRST_POLL_NANOS = 500_000;
  private static final long LAST_POLL_NANOS = 16_000_000;

  private final Routes routes;
  private final BindRequest request;
  private final ReadNeed need;
  private long tried;
  private @Nullable SQLException lastFailure;
  private boolean begun;
  private long begunNanos;

  /**
   * A read that may go anywhere.
   *
   * @param avoided bits of nodes where it was done in vain before
   */
  ReadAttempt(Routes routes, BindRequest request, ReadNeed need, long avoided) {
    this.routes = routes;
    this.request = request;
    this.need = need;
    this.tried = avoided;
  }

  /** Bits of the nodes where it was tried, the one that took it included. */
  long tried() {
    return tried;
  }

  BindRequest request() {
    return request;
  }

  /** Whether the request's later reads may not show less. */
  boolean isMonotonic() {
    return need.consistency().level() == Consistency.Level.MONOTONIC;
  }

  /** The best replica of those that were not tried yet. */
  Choice choose() {
    long now = routes.time().nanoTime();
    if (!begun) {
      begun = true;
      begunNanos = now;
    }
    return routes.chooser().choose(routes.monitor().current(), need, tried, now);
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

  /** Null if the replica did not catch up within the bound, or too many wait for it already. */
  @Nullable Binding waitFor(Node node) {
    Position atLeast = need.atLeast();
    if (atLeast == null || !node.waiters().tryAcquire()) {
      return null;
    }
    long began = routes.time().nanoTime();
    boolean caughtUp = false;
    try {
      Binding bound = take(
              node, false, RouteReason.WAITED, borrowed -> catchesUp(node, borrowed, began));
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

  /** Null if the read may not be stale, or no replica answers at all. */
  @Nullable Binding staleIfAllowed() {
    if (!maybeStale()) {
      return null;
    }
    long unreachable = 0;
    while (true) {
      long now = routes.time().nanoTime();
      Choice any = routes.chooser().chooseStale(routes.monitor().current(), unreachable, now);
      Node node = any.node();
      if (node == null) {
        return null;
      }
      Binding bound = take(node, any.trial(), any.reason(), this::isOfTheFleet);
      if (bound != null) {
        return bound;
      }
      unreachable |= node.bit();
    }
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
  private interface Test {
    boolean passes(Borrowing.Borrowed borrowed) throws SQLException;
  }

  private @Nullable Binding take(Node node, boolean trial, RouteReason reason, Test test) {
    node.load().began();
    Borrowing.@Nullable Borrowed borrowed = null;
    boolean handedOn = false;
    boolean judged = false;
    try {
      borrowed = routes.borrowing().borrow(node, request);
      if (test.passes(borrowed)) {
        ReadHooks hooks =
            new ReadHooks(
                routes, node, borrowed.sample(), isMonotonic(), trial, request.context());
        Binding binding = borrowed.binding().within(hooks);
        routes.routed(node, reason);
        handedOn = true;
        return binding;
      }
    } catch (SQLException failure) {
      judged = remember(node, failure);
    } finally {
      if (!handedOn) {
        if (borrowed != null) {
          borrowed.binding().giveBack();
        }
        node.load().ended();
        if (trial && !judged) {
          node.health().trialSaidNothing();
        }
      }
    }
    return null;
  }

  /** Whether the node's breaker was told. */
  private boolean remember(Node node, SQLException failure) {
    boolean lost =
        !Routes.isOnlyBusy(failure)
            && routes.probe().classify(failure) == FailureKind.CONNECTION_LOST;
    if (lost) {
      node.health().failed();
    }
    if (!Routes.isOnlyBusy(failure)) {
      routes.suspect(node);
    }
    failed(failure);
    return lost;
  }

  /** It could not be had somewhere. */
  void failed(SQLException failure) {
    if (lastFailure != null && lastFailure != failure) {
      failure.addSuppressed(lastFailure);
    }
    lastFailure = failure;
  }

  private boolean catchesUp(Node node, Borrowing.Borrowed borrowed, long began)
      throws SQLException {
    Connection connection = borrowed.binding().connection();
    long bound = Routes.nanosLeft(routes.waits().forReplica(), request.context());
    long pause = FIRST_POLL_NANOS;
    long first = -1;
    while (true) {
      long asked = routes.time().nanoTime();
      long visible = Borrowing.ask(connection, routes.probe()::visible);
      first = first == -1 ? visible : first;
      Sample now =
          new Sample(
              asked, routes.time().nanoTime(), borrowed.sample().status().withPosition(visible));
      if (routes.isFresh(now, need)) {
        return true;
      }
      if (node.isStuckAt(visible)) {
        return false; // one read has waited for it to move from there: enough
      }
      long left = bound - (now.endedNanos() - began);
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        boolean waitedInFull = now.endedNanos() - began >= routes.waits().forReplica().toNanos();
        if (waitedInFull && visible == first) {
          node.stuckAt(visible);
        }
        return false;
      }
      LockSupport.parkNanos(Math.min(pause, left));
      pause = Math.min(2 * pause, LAST_POLL_NANOS);
    }
  }
}
