package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;

/**
 * A read that asks a replica, on the connection that it is to run on, until that shows enough. What
 * it learns, the node's next reads need not ask. For one thread.
 */
final class ReplicaWait {

  private static final long FIRST_POLL_NANOS = 500_000;
  private static final long LAST_POLL_NANOS = 16_000_000;

  private final Routes routes;
  private final Node node;
  private final ReadNeed need;
  private final long beganNanos;
  private final long endsNanos;

  /**
   * A wait that has just begun.
   *
   * @param endsNanos when there is no more time to wait
   */
  ReplicaWait(Routes routes, Node node, ReadNeed need, long beganNanos, long endsNanos) {
    this.routes = routes;
    this.node = node;
    this.need = need;
    this.beganNanos = beganNanos;
    this.endsNanos = endsNanos;
  }

  /** Whether it shows enough before the time is up; asks once at least. */
  boolean catchesUp(Borrowing.Borrowed borrowed) throws SQLException {
    long pause = FIRST_POLL_NANOS;
    long first = -1;
    while (true) {
      Sample now = ask(borrowed);
      learn(now);
      if (routes.isFresh(now, need)) {
        return true;
      }
      long visible = now.status().position();
      first = first == -1 ? visible : first;
      boolean primaryIsKnown = !boundsLag() || primaryIsKnown(now.endedNanos());
      if (node.isStuckAt(visible) && primaryIsKnown) {
        return false; // one read has waited for it to move from there: enough
      }
      long left = endsNanos - now.endedNanos();
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        if (now.endedNanos() - beganNanos >= routes.waits().forReplica().toNanos()) {
          inVain(visible, visible == first && primaryIsKnown);
        }
        return false;
      }
      if (!primaryIsKnown) {
        askPrimary();
      }
      LockSupport.parkNanos(Math.min(pause, left));
      pause = Math.min(2 * pause, LAST_POLL_NANOS);
    }
  }

  private boolean boundsLag() {
    return need.consistency().boundsLag();
  }

  private Sample ask(Borrowing.Borrowed borrowed) throws SQLException {
    Connection connection = borrowed.binding().connection();
    long asked = routes.time().nanoTime();
    NodeStatus before = borrowed.sample().status();
    NodeStatus status;
    if (boundsLag()) {
      NodeStatus told = Borrowing.ask(connection, routes.probe()::status);
      status = routes.monitor().complete(node, told);
    } else {
      status = before.withPosition(Borrowing.ask(connection, routes.probe()::visible));
    }
    return new Sample(asked, routes.time().nanoTime(), status);
  }

  /** Not while timelines change: the position may be one of the next. */
  private void learn(Sample now) {
    long timeline = routes.monitor().current().timeline();
    if (now.status().timeline().orElse(-1) == timeline) {
      node.told(now);
    }
  }

  /** Whether the primary has answered within the bound: else nobody knows who is level with it. */
  private boolean primaryIsKnown(long nowNanos) {
    Node primary = routes.monitor().current().primary();
    Sample known = primary == null ? null : primary.sample();
    return known == null || nowNanos - known.beganNanos() <= need.consistency().maximumLagNanos();
  }

  private void askPrimary() {
    Node primary = routes.monitor().current().primary();
    if (primary != null) {
      routes.askSoon(primary);
    }
  }

  private void inVain(long visible, boolean stoodStill) {
    if (stoodStill) {
      node.stuckAt(visible);
    }
    Node primary = routes.monitor().current().primary();
    Sample known = primary == null ? null : primary.sample();
    if (known != null) {
      Position wanted = need.atLeast();
      long there = known.status().position();
      node.late(wanted == null ? there : Math.min(there, wanted.position()));
    }
  }
}
