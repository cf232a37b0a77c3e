package io.headroom.routing;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Binds what was declared read-only: to the best replica that is fresh enough, else to one that
 * becomes so within a bound, else to the primary within its budget, else to a stale one where that
 * is allowed. Thread-safe.
 */
final class ReadPath {

  private final Routes routes;
  private final WritePath primary;

  ReadPath(Routes routes, WritePath primary) {
    this.routes = routes;
    this.primary = primary;
  }

  Binding bind(BindRequest request) throws SQLException {
    ReadNeed need = routes.positions().needOf(request.context());
    if (need.consistency().level() == Consistency.Level.STRONG) {
      return primary.bindRead(request, RouteReason.STRONG, false);
    }
    return onReplica(request, need);
  }

  /** Any node that answers, for constants of the database. */
  Binding bindForMetadata(BindRequest request) throws SQLException {
    ReadAttempt attempt = new ReadAttempt(routes, request, ReadNeed.ANY);
    Choice choice = attempt.choose();
    Node node = choice.node();
    Binding bound = node == null ? null : attempt.tryOn(node, RouteReason.METADATA);
    return bound == null ? primary.bindRead(request, RouteReason.METADATA, false) : bound;
  }

  private Binding onReplica(BindRequest request, ReadNeed need) throws SQLException {
    ReadAttempt attempt = new ReadAttempt(routes, request, need);
    while (true) {
      Choice choice = attempt.choose();
      Node node = choice.node();
      if (node == null) {
        return withoutFresh(attempt, choice);
      }
      Binding bound = attempt.tryOn(node, choice.reason());
      if (bound != null) {
        return bound;
      }
    }
  }

  private Binding withoutFresh(ReadAttempt attempt, Choice choice) throws SQLException {
    Node nearest = choice.nearest();
    Binding caughtUp = nearest == null ? null : attempt.waitFor(nearest);
    return caughtUp == null ? spill(attempt, choice.reason()) : caughtUp;
  }

  private Binding spill(ReadAttempt attempt, RouteReason reason) throws SQLException {
    RouteReason refusal;
    long retryNanos = routes.waits().forProbe().toNanos();
    if (reason == RouteReason.NO_REPLICAS) {
      return onPrimary(attempt, reason);
    } else if (routes.monitor().current().primary() == null) {
      refusal = RouteReason.REFUSED_NO_PRIMARY;
    } else if (routes.primaryIsLoaded()) {
      refusal = RouteReason.REFUSED_LOAD;
    } else {
      long overBudgetNanos = routes.spill().tryAcquireNanos();
      if (overBudgetNanos == 0) {
        return onPrimary(attempt, reason);
      }
      refusal = RouteReason.REFUSED_BUDGET;
      retryNanos = overBudgetNanos;
    }
    Binding stale = attempt.staleIfAllowed();
    if (stale != null) {
      return stale;
    }
    routes.refused(refusal);
    throw attempt.refused(refusal, why(reason, refusal), Duration.ofNanos(retryNanos));
  }

  private static String why(RouteReason replicas, RouteReason primary) {
    return (replicas == RouteReason.SPILLED_DOWN
            ? "no replica can be reached"
            : "no replica is fresh enough")
        + ", and "
        + switch (primary) {
          case REFUSED_LOAD -> "the primary is under load";
          case REFUSED_BUDGET -> "the primary takes no more reads for them now";
          default -> "there is no primary";
        };
  }

  private Binding onPrimary(ReadAttempt attempt, RouteReason reason) throws SQLException {
    return primary.bindRead(attempt.request(), reason, attempt.isMonotonic());
  }
}
