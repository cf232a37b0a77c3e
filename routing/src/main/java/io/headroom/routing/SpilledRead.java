package io.headroom.routing;

import io.headroom.jdbc.Binding;
import io.headroom.jdbc.ConnectionHooks;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One read on its way to the primary, since no replica will do.
 *
 * <p>It is a guest there, and must not sink it: there must be a primary, which is not under load,
 * the budget must allow one more read a second, and one of the places must be free that guests have
 * in the primary's pool. What lacks is waited for, for a bounded time, if waiting helps. In vain,
 * the read goes to a replica that it had avoided, else it gets a stale answer where that is
 * allowed, else it is refused. For one thread.
 */
final class SpilledRead {

  /** When a place in the primary's pool may be free again. */
  private static final long PLACE_RETRY_NANOS = 20_000_000;

  private final Routes routes;
  private final WritePath primary;
  private final ReadAttempt attempt;
  private long avoided;
  private boolean withinBudget;
  private boolean soughtPlace;
  private long soughtPlaceNanos;

  /**
   * A read that no replica was found for.
   *
   * @param avoided bits of the replicas that are left out only because they took it before, in vain
   */
  SpilledRead(Routes routes, WritePath primary, ReadAttempt attempt, long avoided) {
    this.routes = routes;
    this.primary = primary;
    this.attempt = attempt;
    this.avoided = avoided;
  }

  /**
   * Goes to the primary that there is now, or that comes in time.
   *
   * @param none why no replica will do
   * @return null if all nodes are to be looked at again: the primary has just been replaced, or
   *     died, or the replicas that were avoided so far are not any more
   */
  @Nullable Binding bind(Choice none) throws SQLException {
    RouteReason reason = reason(none);
    long forProbe = routes.waits().forProbe().toNanos();
    Node node = withPrimary().primary();
    if (node == null) {
      return otherwise(reason, RouteReason.REFUSED_NO_PRIMARY, forProbe);
    }
    if (routes.isLoaded(node)) {
      return otherwise(reason, RouteReason.REFUSED_LOAD, forProbe);
    }
    long retryNanos = enter(node);
    return retryNanos == 0
        ? asGuest(node, reason)
        : otherwise(reason, RouteReason.REFUSED_BUDGET, retryNanos);
  }

  /** A replica that is up, and is only avoided, is not down. */
  private RouteReason reason(Choice none) {
    boolean onlyAvoided =
        avoided != 0
            && routes.nodes().stream().anyMatch(node -> (node.bit() & avoided) != 0 && node.isUp());
    return onlyAvoided ? RouteReason.SPILLED_LAGGING : attempt.whyNone(none);
  }

  private Topology withPrimary() throws SQLException {
    Topology topology = routes.topologyFor(attempt.request().context());
    return topology.primary() != null || hasOtherWay()
        ? topology
        : routes.awaitPrimary(attempt.leftNanos());
  }

  /** Then it is not held: there may be an answer for it now. */
  private boolean hasOtherWay() {
    return avoided != 0 || attempt.maybeStale();
  }

  /**
   * Takes one of the places that guests have, if the budget allows one more. Where all are taken it
   * waits for one: reads that waited for the same replica come all at once. The budget comes before
   * that wait, and bounds how many wait.
   *
   * @return 0 if it has a place, else in how many nanoseconds to try again
   */
  private long enter(Node node) throws SQLException {
    Semaphore places = node.guests();
    boolean has = places.tryAcquire();
    long forPlace = has || hasOtherWay() ? 0 : forPlaceNanos();
    if (!has && forPlace <= 0) {
      return PLACE_RETRY_NANOS;
    }
    long retryNanos = withinBudget ? 0 : routes.spill().tryAcquireNanos();
    withinBudget = retryNanos == 0;
    if (withinBudget) {
      return has || comes(places, forPlace) ? 0 : PLACE_RETRY_NANOS;
    }
    if (has) {
      places.release();
    }
    return retryNanos;
  }

  /** As long as for a replica, from when it first found none. */
  private long forPlaceNanos() {
    long now = routes.time().nanoTime();
    if (!soughtPlace) {
      soughtPlace = true;
      soughtPlaceNanos = now;
    }
    Duration bound = routes.waits().forReplica();
    long left = bound.toNanos() - (now - soughtPlaceNanos);
    return Math.min(left, Routes.nanosLeft(bound, attempt.request().context()));
  }

  private static boolean comes(Semaphore places, long nanos) throws SQLException {
    try {
      return places.tryAcquire(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      throw Routes.interrupted(interrupted);
    }
  }

  /** Has a place, and gives it back before it waits for anything else. */
  @SuppressWarnings("ReferenceEquality") // a node is one object
  private @Nullable Binding asGuest(Node node, RouteReason reason) throws SQLException {
    Guest guest = new Guest(node.guests());
    boolean handedOn = false;
    SQLException failed;
    try {
      Topology now = routes.topologyFor(attempt.request().context());
      if (now.primary() != node) {
        return null; // replaced meanwhile: this is no place in its successor's pool
      }
      Binding bound =
          primary
              .onPrimary(node, now, attempt.request(), reason, attempt.isMonotonic())
              .within(guest);
      handedOn = true;
      return bound;
    } catch (SQLException failure) {
      failed = failure;
    } finally {
      if (!handedOn) {
        guest.onClose();
      }
    }
    return insteadOf(node, failed);
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

  /**
   * Another way is better than the error of a primary that has just died; else there may be a
   * primary after it, in time.
   */
  private @Nullable Binding insteadOf(Node node, SQLException failure) throws SQLException {
    boolean blameless = Routes.isBlameless(failure);
    if (!blameless) {
      routes.suspect(node);
    }
    attempt.failed(failure);
    if (avoidsNoneAnyMore()) {
      return null;
    }
    Binding stale = staleIfAllowed();
    if (stale != null) {
      return stale;
    }
    long left = attempt.leftNanos();
    if (blameless || left <= 0 || routes.isStillPrimary(node, left)) {
      throw failure;
    }
    return null;
  }

  private @Nullable Binding otherwise(RouteReason reason, RouteReason refusal, long retryNanos)
      throws SQLException {
    if (avoidsNoneAnyMore()) {
      return null;
    }
    Binding stale = staleIfAllowed();
    if (stale != null) {
      return stale;
    }
    attempt.requireInTime();
    routes.refused(refusal);
    throw attempt.refused(refusal, why(reason, refusal), Duration.ofNanos(retryNanos));
  }

  /** False if it avoided none before. */
  private boolean avoidsNoneAnyMore() {
    boolean any = avoided != 0;
    attempt.mayTryAgain(avoided);
    avoided = 0;
    return any;
  }

  /** Null if the read may not be stale, or no replica answers at all. */
  private @Nullable Binding staleIfAllowed() {
    if (!attempt.maybeStale()) {
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
      Binding bound = attempt.tryStale(any);
      if (bound != null) {
        return bound;
      }
      unreachable |= node.bit();
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
}
