package io.headroom.routing;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.ConnectionHooks;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Binds what was declared read-only: to the best replica that is fresh enough, else to one that
 * becomes so within a bound, else to the primary within its budget, else to a stale one where that
 * is allowed. Thread-safe.
 */
final class ReadPath {

  /** When a place in the primary's pool may be free again. */
  private static final long ROOM_RETRY_NANOS = 20_000_000;

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
   * Binds a read that may have been done in vain before.
   *
   * @param repeated where it was, to be avoided, and where it goes now is added; null if it is not
   *     known to be repeated
   */
  Binding bind(BindRequest request, @Nullable Repeated repeated) throws SQLException {
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
    long avoided = repeated == null ? 0 : repeated.nodes;
    ReadAttempt attempt = new ReadAttempt(routes, request, need, answered ? avoided : Node.ALL);
    Binding bound = onReplica(attempt);
    if (repeated != null && answered) {
      repeated.nodes = attempt.tried();
    }
    return bound;
  }

  /** Where a read was done before: bits of nodes. For one thread. */
  static final class Repeated {
    private long nodes;
  }

  /** Any node that answers, for constants of the database. */
  Binding bindForMetadata(BindRequest request) throws SQLException {
    ReadAttempt attempt = new ReadAttempt(routes, request, ReadNeed.ANY, 0);
    Choice choice = attempt.choose();
    Node node = choice.node();
    Binding bound = node == null ? null : attempt.tryOn(choice, RouteReason.METADATA);
    return bound == null ? primary.bindRead(request, RouteReason.METADATA, false) : bound;
  }

  private Binding onReplica(ReadAttempt attempt) throws SQLException {
    while (true) {
      Choice choice = attempt.choose();
      Binding bound = null;
      if (choice.node() != null) {
        bound = attempt.tryOn(choice, choice.reason());
      } else if (choice.toAsk() != null) {
        bound = attempt.waitFor(choice);
      } else {
        return spill(attempt, attempt.whyNone(choice));
      }
      if (bound != null) {
        return bound;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw Routes.interrupted(new InterruptedException());
      }
      attempt.requireInTime();
    }
  }

  private Binding spill(ReadAttempt attempt, RouteReason reason) throws SQLException {
    RouteReason refusal;
    long retryNanos = routes.waits().forProbe().toNanos();
    if (reason == RouteReason.NO_REPLICAS) {
      return primary.bind(attempt.request(), reason, attempt.isMonotonic());
    } else if (!primaryComes(attempt)) {
      refusal = RouteReason.REFUSED_NO_PRIMARY;
    } else if (routes.primaryIsLoaded()) {
      refusal = RouteReason.REFUSED_LOAD;
    } else {
      refusal = RouteReason.REFUSED_BUDGET;
      Node node = routes.monitor().current().primary();
      if (node != null) {
        retryNanos = enter(node, attempt);
        if (retryNanos == 0) {
          return spill(attempt, reason, node, new Guest(node.waiters()));
        }
      }
    }
    Binding stale = attempt.staleIfAllowed();
    if (stale != null) {
      return stale;
    }
    attempt.requireInTime();
    routes.refused(refusal);
    throw attempt.refused(refusal, why(reason, refusal), Duration.ofNanos(retryNanos));
  }

  /**
   * Whether there is a primary, or will be in what is left of the time that such a read is held
   * for. One that may be stale is not held: there may be an answer for it now.
   */
  private boolean primaryComes(ReadAttempt attempt) throws SQLException {
    return routes.monitor().current().primary() != null
        || (!attempt.maybeStale() && routes.awaitPrimary(attempt.leftNanos()).primary() != null);
  }

  /**
   * Takes one of the places that such reads have in the primary's pool, if the budget allows one
   * more. Where all are taken it waits for one, unless it may be stale: reads that waited for the
   * same replica come all at once. The budget comes before that wait, and bounds how many wait.
   *
   * @return 0 if it has a place, else in how many nanoseconds to try again
   */
  private long enter(Node node, ReadAttempt attempt) throws SQLException {
    Semaphore places = node.waiters();
    boolean has = places.tryAcquire();
    long left = has || attempt.maybeStale() ? 0 : attempt.forPlaceNanos();
    if (!has && left <= 0) {
      return ROOM_RETRY_NANOS;
    }
    long retryNanos = routes.spill().tryAcquireNanos();
    if (retryNanos == 0) {
      return has || comes(places, left) ? 0 : ROOM_RETRY_NANOS;
    }
    if (has) {
      places.release();
    }
    return retryNanos;
  }

  private static boolean comes(Semaphore places, long nanos) throws SQLException {
    try {
      return places.tryAcquire(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      throw Routes.interrupted(interrupted);
    }
  }

  /**
   * A stale answer, where it is allowed, is better than the error of a primary that has just died.
   */
  private Binding spill(ReadAttempt attempt, RouteReason reason, Node node, Guest guest)
      throws SQLException {
    boolean handedOn = false;
    try {
      Binding bound = onPrimary(attempt, reason).within(guest);
      handedOn = true;
      return bound;
    } catch (SQLException failure) {
      if (!Routes.isOnlyBusy(failure)) {
        routes.suspect(node);
      }
      attempt.failed(failure);
      Binding stale = attempt.staleIfAllowed();
      if (stale != null) {
        return stale;
      }
      return insteadOf(node, attempt, reason, failure);
    } finally {
      if (!handedOn) {
        guest.onClose();
      }
    }
  }

  /** By the primary that comes after one that has just died, if it comes in time. */
  private Binding insteadOf(
      Node node, ReadAttempt attempt, RouteReason reason, SQLException failure)
      throws SQLException {
    long left = attempt.leftNanos();
    if (left <= 0 || routes.isStillPrimary(node, left)) {
      throw failure;
    }
    return spill(attempt, reason);
  }

  /**
   * A read in the primary's pool that has no replica of its own; gives its place back. Such reads
   * hold half of that pool at most: slow ones would take it from the writers, however few they are
   * a second.
   */
  private record Guest(Semaphore places) implements ConnectionHooks {
    @Override
    public void onClose() {
      places.release();
    }
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
