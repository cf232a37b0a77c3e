package io.headroom.routing;

import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one data source, for those that route by them. Immutable; the parts are thread-safe.
 *
 * @param cluster the data source's name: domain of its tokens
 * @param nodes by index
 * @param probe how its kind of database is asked
 * @param monitor who is the primary, and how far each node is
 * @param chooser which replica
 * @param borrowing takes connections
 * @param positions what requests have seen
 * @param spill how many reads the primary takes for its replicas
 * @param waits how long callers are held
 * @param load what the guards say of the pools, by the resources that nodes have
 * @param listener who wants to hear
 * @param counts where work went
 * @param refusals tells the log what went nowhere
 * @param time the clock
 */
record Routes(
    String cluster,
    List<Node> nodes,
    ReplicationProbe probe,
    TopologyMonitor monitor,
    ReadChooser chooser,
    Borrowing borrowing,
    Positions positions,
    SpillBudget spill,
    Waits waits,
    LoadSignal load,
    SafeListener listener,
    RouteCounts counts,
    RefusalLog refusals,
    TimeSource time) {

  /** The SQLSTATE of what a guard throws: insufficient resources. */
  private static final String GUARD_REFUSES = "53000";

  /**
   * How long callers are held.
   *
   * @param forReplica for a replica to catch up
   * @param forPrimary for a primary to be found
   * @param forProbe for one answer of a node
   */
  record Waits(Duration forReplica, Duration forPrimary, Duration forProbe) {}

  void routed(Node node, RouteReason reason) {
    counts.routed(node, reason);
    listener.onRouted(node.name(), reason);
  }

  void refused(RouteReason reason) {
    counts.refused(reason);
    refusals.refused(reason);
    listener.onRefused(reason);
  }

  /** Who is the primary for this request: nothing on a timeline below one that it has seen. */
  Topology topologyFor(RequestContext context) {
    Topology topology = monitor.current();
    long seen = positions.timelineSeen(context);
    if (seen <= topology.timeline()) {
      return topology;
    }
    monitor.sawTimeline(seen);
    return monitor.current();
  }

  /** Whether the node that is the primary now is to be spared reads that are not its own. */
  boolean isLoaded(Node primary) {
    return load.level(primary.settings().resource()).atLeast(LoadLevel.HIGH);
  }

  /**
   * Asks the node now; false if it is not the primary (any more), or does not answer in the time
   * that a probe has, or in that which is left, if that is less.
   */
  @SuppressWarnings("ReferenceEquality") // a node is one object
  boolean isStillPrimary(Node node, long leftNanos) throws SQLException {
    long bound = Math.max(0, Math.min(waits.forProbe().toNanos(), leftNanos));
    try {
      return monitor.probeNow(node, Duration.ofNanos(bound)) && monitor.current().primary() == node;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Whether a node is known not to be the primary any more since it gave this answer. */
  boolean isReplaced(Node node, Sample answer) {
    return monitor.current().isReplaced(node, answer);
  }

  /** Has the node asked soon, for there is reason to doubt what is known of it. */
  void suspect(Node node) {
    node.doubt(time.nanoTime());
    askSoon(node);
  }

  /** Has the node asked, without waiting for its answer. */
  void askSoon(Node node) {
    try {
      monitor.probeNow(node, Duration.ZERO);
    } catch (InterruptedException notWaitedFor) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether an answer of a node meets what a read asks for. */
  boolean isFresh(Sample sample, ReadNeed need) {
    return !Freshness.matters(need)
        || Freshness.of(sample, need, monitor.current(), time.nanoTime(), Long.MAX_VALUE)
            == Freshness.FRESH;
  }

  /** Waits for a primary; the topology as it is then, which has none if there is still none. */
  Topology awaitPrimary(long nanos) throws SQLException {
    try {
      return monitor.awaitPrimary(-1, Duration.ofNanos(Math.max(0, nanos)));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Nobody waits any more for what a request does whose deadline has passed. */
  void requireInTime(RequestContext context, @Nullable SQLException before)
      throws SQLTimeoutException {
    if (!isInTime(context)) {
      refused(RouteReason.REFUSED_DEADLINE);
      throw new SQLTimeoutException(
          "cluster '"
              + cluster
              + "': the request's deadline has passed. Nothing was sent: give the request more"
              + " time, or begin it later",
          "57014",
          before);
    }
  }

  static boolean isInTime(RequestContext context) {
    return context.remaining().map(left -> left.compareTo(Duration.ZERO) > 0).orElse(true);
  }

  /**
   * Whether a connection could not be had through no fault of its node: the pool was only busy, a
   * guard before it refused, or nobody waited for what a node in doubt answers.
   */
  static boolean isBlameless(SQLException failure) {
    return isOnlyBusy(failure)
        || isRefusedByGuard(failure)
        || failure instanceof NotAwaitedException;
  }

  /**
   * Whether a guard refused before the pool was asked, at once, for all that come: to ask the node
   * each time would burden it with what it was to be spared. A server that says the same is the
   * cause of what a pool throws.
   */
  static boolean isRefusedByGuard(SQLException failure) {
    return failure instanceof SQLTransientConnectionException
        && GUARD_REFUSES.equals(failure.getSQLState())
        && failure.getCause() == null;
  }

  /**
   * Whether a pool timed out with nothing wrong but that all its connections were in use: HikariCP
   * gives a state or a cause where it could not connect. To eject a node for that would burden the
   * others more.
   */
  static boolean isOnlyBusy(SQLException failure) {
    return failure instanceof SQLTransientConnectionException
        && failure.getSQLState() == null
        && failure.getCause() == null;
  }

  /** Not of class 08, which whoever repeats what failed takes for a server that is gone. */
  static SQLException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new SQLException(
        "interrupted while it waited for a node. Nothing was sent", "57014", cause);
  }

  /** A bound, cut down to what the request has left, in nanoseconds. */
  static long nanosLeft(Duration bound, RequestContext context) {
    long nanos = bound.toNanos();
    return context.remaining().map(left -> Math.min(nanos, left.toNanos())).orElse(nanos);
  }
}
