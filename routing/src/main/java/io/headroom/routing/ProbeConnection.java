package io.headroom.routing;

import io.headroom.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection that a node is asked on: kept, so that it is there when the server has none left,
 * and made anew now and then, since the node's name may have come to mean another server.
 *
 * <p>The new one is made before the old one is dropped. That a server has none left says nothing
 * against it, so the old one is asked instead. Any other failure counts, though the old one may
 * answer: where new connections lead nowhere, the name may mean a server that is not there yet, and
 * what the old one reaches may have been replaced.
 *
 * <p>Used by the thread that probes; aborted, and told that the name has moved, by any.
 */
final class ProbeConnection {

  private static final Logger log = LoggerFactory.getLogger(TopologyMonitor.class);

  private final Node node;
  private final ProbeConnections connections;
  private final ReplicationProbe probe;
  private final Duration reopenEvery;
  private final TimeSource time;

  /** Changed by the probing thread alone; aborted by others. */
  private volatile @Nullable Connection connection;

  private volatile boolean elsewhere;
  private volatile boolean opening;

  // Belong to the probing thread.
  private long reopenAtNanos;
  private boolean full;
  private boolean isLent;

  ProbeConnection(
      Node node,
      ProbeConnections connections,
      ReplicationProbe probe,
      Duration reopenEvery,
      TimeSource time) {
    this.node = node;
    this.connections = connections;
    this.probe = probe;
    this.reopenEvery = reopenEvery;
    this.time = time;
  }

  /**
   * New connections reach another server, or another run of it, than this one: what the old one
   * says is not to be asked for any more.
   */
  void leadsElsewhere() {
    elsewhere = true;
  }

  /** Asks the node, on a new connection where there is none, or none that works. */
  Sample ask(ProbeAttempt attempt) throws SQLException {
    if (connection != null && time.nanoTime() - reopenAtNanos >= 0) {
      renew(attempt);
    }
    Connection kept = connection;
    if (kept != null && !elsewhere) {
      try {
        return ask(kept);
      } catch (SQLFeatureNotSupportedException e) {
        throw e;
      } catch (SQLException broken) {
        // that says nothing of the server: it may have been restarted since
        log.debug("the probe of node {} asks again on a new connection", node, broken);
      }
    }
    drop();
    boolean moved = elsewhere;
    elsewhere = false;
    try {
      return ask(open(attempt));
    } catch (SQLException failure) {
      if (moved) {
        elsewhere = true; // it was not reached, so what is older still says nothing
        throw failure;
      }
      if (!ProbeConnections.saysFull(failure)) {
        throw failure;
      }
      return ask(lent(failure));
    }
  }

  private Connection lent(SQLException full) throws SQLException {
    Connection lent = connections.lent();
    if (lent == null) {
      throw full;
    }
    connection = lent;
    isLent = true;
    return lent;
  }

  /** The probe has asked all that it wanted: what was lent goes back to who may need it. */
  void giveBack() {
    if (isLent) {
      isLent = false;
      drop();
    }
  }

  private void renew(ProbeAttempt attempt) throws SQLException {
    if (elsewhere || !connections.areMadeAnew()) {
      drop();
      return;
    }
    Connection old = connection;
    try {
      open(attempt);
      close(old);
      full = false;
    } catch (SQLException failure) {
      if (!ProbeConnections.saysFull(failure)) {
        throw failure;
      }
      attempt.requirePending();
      reopenAt(time.nanoTime());
      if (!full) {
        full = true;
        log.warn(
            "the server of node '{}' has no connection left; its probe goes on with the one that"
                + " it has: {}",
            node,
            failure.toString());
      }
    }
  }

  /** In place of what there is, which the caller closes. */
  private Connection open(ProbeAttempt attempt) throws SQLException {
    Connection fresh;
    opening = true; // before it is known to be pending still: who gives it up then interrupts it
    try {
      attempt.requirePending();
      fresh = connections.open();
    } finally {
      opening = false;
    }
    Connection old = connection;
    connection = fresh;
    try {
      attempt.requirePending();
      if (!fresh.getAutoCommit()) {
        fresh.setAutoCommit(true);
      }
    } catch (SQLException | RuntimeException | Error unusable) {
      close(old);
      throw unusable;
    }
    reopenAt(time.nanoTime());
    return fresh;
  }

  private void reopenAt(long fromNanos) {
    reopenAtNanos = fromNanos + Nanos.jittered(reopenEvery.toNanos());
  }

  private Sample ask(Connection asked) throws SQLException {
    long began = time.nanoTime();
    NodeStatus status = probe.status(asked);
    return new Sample(began, time.nanoTime(), status);
  }

  /** What was asked last. */
  Connection inUse() throws SQLException {
    Connection used = connection;
    if (used == null) {
      throw new SQLException("the probe's connection is gone", "08003");
    }
    return used;
  }

  /** Whether the probing thread is waiting for a new one. */
  boolean isOpening() {
    return opening;
  }

  /** Ends the wait of whoever asks on it. */
  void abort(Executor elsewhere) {
    Connection stuck = connection;
    if (stuck != null) {
      elsewhere.execute(
          () -> {
            try {
              stuck.abort(Runnable::run);
            } catch (SQLException | RuntimeException e) {
              log.debug("the connection of a stuck probe could not be aborted", e);
            }
          });
    }
  }

  /** Closes it; the next question is asked on a new one. */
  void drop() {
    Connection dropped = connection;
    connection = null;
    close(dropped);
  }

  private void close(@Nullable Connection dropped) {
    if (dropped != null) {
      try {
        dropped.close();
      } catch (SQLException | RuntimeException e) {
        log.debug("a connection of the probe of node {} could not be closed", node, e);
      }
    }
  }
}
