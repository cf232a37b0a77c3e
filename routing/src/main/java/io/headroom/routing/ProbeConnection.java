package io.headroom.routing;

import io.headroom.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
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

  private static final Logger LOG = LoggerFactory.getLogger(TopologyMonitor.class);

  private final Node node;
  private final ProbeConnections connections;
  private final ReplicationProbe probe;
  private final Duration reopenEvery;
  private final TimeSource time;

  /** Changed by the probing thread alone; aborted by others. */
  private volatile @Nullable Connection connection;

  /** The run to which the node's name is said to lead now; null if to the one that is asked. */
  private final AtomicReference<@Nullable String> elsewhere = new AtomicReference<>();

  /** A run that the node's name does not lead to any more; pools may have connections to it. */
  private volatile @Nullable String left;

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
   *
   * @param run which; one that was left is met on an old connection of the pool's, and no news
   */
  void leadsElsewhere(String run) {
    if (!run.equals(left)) {
      elsewhere.set(run);
    }
  }

  /** Asks the node, on a new connection where there is none, or none that works. */
  Sample ask(ProbeAttempt attempt) throws SQLException {
    if (connection != null && time.nanoTime() - reopenAtNanos >= 0) {
      renew(attempt);
    }
    Connection kept = connection;
    if (kept != null && elsewhere.get() == null) {
      try {
        return askOwn(kept);
      } catch (SQLFeatureNotSupportedException e) {
        throw e;
      } catch (SQLException broken) {
        // that says nothing of the server: it may have been restarted since
        LOG.debug("the probe of node {} asks again on a new connection", node, broken);
      }
    }
    drop();
    String movedTo = elsewhere.getAndSet(null);
    if (movedTo != null) {
      leave(movedTo);
    }
    try {
      return askAnew(attempt);
    } catch (SQLException failure) {
      if (movedTo != null) {
        elsewhere.compareAndSet(null, movedTo); // it was not reached: what is older says nothing
      }
      throw failure;
    }
  }

  /** What was asked so far is left, if the node's name leads to this run. */
  private void leave(String run) {
    Sample before = node.sample();
    if (before != null && !run.equals(before.status().incarnation())) {
      left = before.status().incarnation();
    }
  }

  /** On a connection of the probe's own: it leads to where the name did when it was made. */
  private Sample askOwn(Connection own) throws SQLException {
    Sample sample = ask(own);
    String run = sample.status().incarnation();
    if (run.equals(left)) {
      left = null; // the name leads there again
    } else {
      leave(run);
    }
    return sample;
  }

  /** On a new connection or, from a server that has none left, on one of the pool's. */
  private Sample askAnew(ProbeAttempt attempt) throws SQLException {
    SQLException before = null;
    if (full && time.nanoTime() - reopenAtNanos < 0) { // who asks each time costs it a process
      try {
        return askLent(attempt, null);
      } catch (SQLException failure) {
        giveBack();
        before = failure;
      }
    }
    try {
      Sample sample = askOwn(open(attempt));
      full = false;
      return sample;
    } catch (SQLException failure) {
      full &= ProbeConnections.saysFull(failure); // of anything else the pool is no witness
      if (before != null) {
        failure.addSuppressed(before);
        throw failure;
      }
      if (!ProbeConnections.saysFull(failure)) {
        throw failure;
      }
      Sample sample = askLent(attempt, failure);
      isFull(failure, "the pool's");
      return sample;
    }
  }

  /**
   * What was made before may lead where the name led then: that is not believed.
   *
   * @param refused why there is no new connection, if that was tried
   */
  private Sample askLent(ProbeAttempt attempt, @Nullable SQLException refused) throws SQLException {
    isLent = true; // before there is one, which may be found to be unusable
    Connection lent = take(attempt, connections::lent);
    if (lent == null) {
      isLent = false;
    } else {
      Sample sample = ask(lent);
      String run = sample.status().incarnation();
      if (!run.equals(left)) {
        leave(run);
        return sample;
      }
      giveBack();
    }
    throw refused != null ? refused : new SQLException("no connection can be lent", "08001");
  }

  /** The probe has asked all that it wanted: what was lent goes back to who may need it. */
  void giveBack() {
    if (isLent) {
      isLent = false;
      drop();
    }
  }

  private void renew(ProbeAttempt attempt) throws SQLException {
    if (elsewhere.get() != null || !connections.areMadeAnew()) {
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
      isFull(failure, "the one that it has");
    }
  }

  /** The next new connection is tried after some time. */
  private void isFull(SQLException failure, String instead) {
    reopenAt(time.nanoTime());
    if (!full) {
      full = true;
      LOG.warn(
          "the server of node '{}' has no connection left; its probe goes on with {}: {}",
          node,
          instead,
          failure.toString());
    }
  }

  /** In place of what there is, which the caller closes. */
  private Connection open(ProbeAttempt attempt) throws SQLException {
    Connection fresh = take(attempt, connections::open);
    if (fresh == null) {
      throw new SQLException("the probe was given no connection", "08001");
    }
    reopenAt(time.nanoTime());
    return fresh;
  }

  /** Where a connection comes from. */
  @FunctionalInterface
  private interface Source {
    @Nullable Connection get() throws SQLException;
  }

  /** Whoever gives the probe up interrupts the wait for it, or aborts what it has brought. */
  private @Nullable Connection take(ProbeAttempt attempt, Source source) throws SQLException {
    Connection fresh;
    opening = true; // before it is known to be pending still: who gives it up then interrupts it
    try {
      attempt.requirePending();
      fresh = source.get();
    } finally {
      opening = false;
    }
    if (fresh == null) {
      return null;
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
              LOG.debug("the connection of a stuck probe could not be aborted", e);
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
        LOG.debug("a connection of the probe of node {} could not be closed", node, e);
      }
    }
  }
}
