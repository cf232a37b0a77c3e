package io.headroom.routing;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Binds what was declared read-only: to the best replica that is fresh enough, else to one that
 * becomes so within a bound, else to the primary as a {@link SpilledRead}. Thread-safe.
 */
final class ReadPath {

  private final Routes routes;
  private final WritePath primary;

  ReadPath(Routes routes, WritePath primary) {
    this.routes = routes;
    this.primary = primary;
  }

  Binding bind(BindRequest request) throws SQLException {
    return bind(request, null);
  }

  /**
   * Binds a read that may have been run in vain before.
   *
   * @param repeated which replicas took it before, and is told which one does now; null if it is
   *     run once only
   */
  Binding bind(BindRequest request, @Nullable RepeatedRead repeated) throws SQLException {
    routes.requireInTime(request.context(), null);
    // Before any node has answered nobody knows which database a token is to be about: then no
    // replica may take the read, though the first answers come at this moment.
    boolean answered = routes.monitor().cluster() != null;
    ReadNeed need = routes.positions().needOf(request.context());
    if (need.onPrimary()) {
      return primary.bind(request, RouteReason.STRONG, need.isMonotonic());
    }
    if (request.isolation() == Connection.TRANSACTION_SERIALIZABLE) {
      return primary.bind(request, RouteReason.SERIALIZABLE, need.isMonotonic());
    }
    long avoided = repeated == null || !answered ? 0 : repeated.replicas();
    ReadAttempt attempt = new ReadAttempt(routes, request, need, answered ? avoided : Node.ALL);
    return bind(attempt, avoided, repeated);
  }

  private Binding bind(ReadAttempt attempt, long avoided, @Nullable RepeatedRead repeated)
      throws SQLException {
    SpilledRead spilled = null;
    while (true) {
      Choice choice = attempt.choose();
      Binding bound;
      if (choice.node() != null) {
        bound = attempt.tryOn(choice, choice.reason());
      } else if (choice.toAsk() != null) {
        bound = attempt.waitFor(choice);
      } else if (choice.reason() == RouteReason.NO_REPLICAS) {
        return primary.bind(attempt.request(), choice.reason(), attempt.isMonotonic());
      } else {
        if (spilled == null) {
          spilled = new SpilledRead(routes, primary, attempt, avoided);
        }
        bound = spilled.bind(choice);
      }
      if (bound != null) {
        if (repeated != null) {
          repeated.tookIt(choice);
        }
        return bound;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw Routes.interrupted(new InterruptedException());
      }
      attempt.requireInTime();
    }
  }

  /** Any node that answers, for constants of the database. Nobody is refused who gets none. */
  Binding bindForMetadata(BindRequest request) throws SQLException {
    ReadAttempt attempt = new ReadAttempt(routes, request, ReadNeed.ANY, 0);
    for (Choice any = attempt.choose(); any.node() != null; any = attempt.choose()) {
      Binding bound = attempt.tryOn(any, RouteReason.METADATA);
      if (bound != null) {
        return bound;
      }
    }
    return primary.bindForMetadata(request);
  }
}
