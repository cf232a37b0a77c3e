package io.headroom.routing;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * Takes connections from a node's pool and has each introduce itself once: a host name may have
 * come to mean another server, a standby may have been restarted behind its own past, a primary may
 * have become a replica. Thread-safe.
 */
final class Borrowing {

  /**
   * Connections to another server than the monitor's, dropped in one call before it is an error.
   */
  private static final int MOST_STRANGERS = 64;

  private final ReplicationProbe probe;
  private final Watch watch;
  private final TimeSource time;

  Borrowing(ReplicationProbe probe, Watch watch, TimeSource time) {
    this.probe = probe;
    this.watch = watch;
    this.time = time;
  }

  /** Whoever knows the nodes, and is to know what their connections say. */
  interface Watch {

    /** Adds to an answer what the same run of the server told before. */
    NodeStatus complete(Node node, NodeStatus answer);

    /** Asks a node now, and waits for its answer for as long as a probe may take, in time. */
    boolean answers(Node node, RequestContext inTime);

    /** New connections of a node reach another server, or another run of it, than its probes. */
    void movedOn(Node node, String run);

    /** A server of the cluster is on this timeline. */
    void sawTimeline(long timeline);
  }

  /** A question to a server. */
  @FunctionalInterface
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  /**
   * A connection that was taken.
   *
   * @param binding as its pool gave it
   * @param sample the newest that speaks for it: the monitor's, or its own introduction if that
   *     came later
   */
  record Borrowed(Binding binding, Sample sample) {}

  /**
   * Takes a connection whose session refuses writes exactly if the request is read-only. The caller
   * gives the binding back if it does not hand it on.
   */
  Borrowed borrow(Node node, BindRequest request) throws SQLException {
    if (node.isDoubted() && !watch.answers(node, request.context())) {
      // its pool would hold the caller for as long as it tries to connect
      throw silent(node, request.context());
    }
    for (int strangers = 0; strangers < MOST_STRANGERS; strangers++) {
      Binding binding = node.pool().bind(request);
      boolean kept = false;
      try {
        PhysicalSession session = node.sessions().of(binding.connection());
        Sample sample = sampleFor(node, binding.connection(), session);
        if (sample != null) {
          setReadOnly(binding.connection(), session, request.readOnly());
          kept = true;
          return new Borrowed(binding, sample);
        }
        node.control().evict(binding.connection());
      } finally {
        if (!kept) {
          binding.giveBack();
        }
      }
    }
    throw new SQLTransientConnectionException(
        "the pool of node '"
            + node.name()
            + "' keeps giving connections to another server than its probes reach: has its host"
            + " name moved?",
        "08001");
  }

  /** A node is not to blame for a caller that did not hear it out. */
  private static SQLException silent(Node node, RequestContext context) {
    return Thread.currentThread().isInterrupted() || !Routes.isInTime(context)
        ? new NotAwaitedException(node)
        : new SQLTransientConnectionException(
            "node '" + node.name() + "' does not answer: a connection to it just broke", "08001");
  }

  private static SQLException foreign(Node node, String expected, String found) {
    return new SQLTransientConnectionException(
        "the pool of node '"
            + node.name()
            + "' gives connections to a server of another cluster ("
            + found
            + ", not "
            + expected
            + "): has its host name moved?",
        "08001");
  }

  /**
   * Null if the connection is an old one, which reaches another server, or another run of it, than
   * the monitor does by now.
   */
  private @Nullable Sample sampleFor(Node node, Connection connection, PhysicalSession session)
      throws SQLException {
    int roleVersion = node.roleVersion();
    Sample known = session.introductionFor(roleVersion);
    Sample own = known == null ? introduction(node, connection) : known;
    if (known == null) {
      session.introduced(own, roleVersion);
    }
    Sample monitored = node.sample();
    if (monitored == null) {
      return own;
    }
    if (session.isOfSameRun(monitored)) {
      return monitored;
    }
    boolean sameCluster = monitored.status().cluster().equals(own.status().cluster());
    if (known == null && sameCluster) {
      watch.sawTimeline(own.status().timeline().orElse(0));
    }
    boolean ownIsNewer = monitored.beganNanos() - own.endedNanos() < 0;
    if (monitored.status().incarnation().equals(own.status().incarnation())) {
      if (ownIsNewer && !monitored.isFurtherOnThan(own)) {
        return own;
      }
      session.ofSameRun(monitored);
      return monitored;
    }
    if (known == null) {
      watch.movedOn(node, own.status().incarnation());
      if (!sameCluster) {
        node.control().evict(connection);
        throw foreign(node, monitored.status().cluster(), own.status().cluster());
      }
    }
    return ownIsNewer && sameCluster ? own : null;
  }

  private Sample introduction(Node node, Connection connection) throws SQLException {
    long began = time.nanoTime();
    NodeStatus status = watch.complete(node, ask(connection, probe::status));
    return new Sample(began, time.nanoTime(), status);
  }

  /** For a connection that is declared otherwise while it is borrowed. */
  void setReadOnly(Node node, Connection connection, boolean readOnly) throws SQLException {
    setReadOnly(connection, node.sessions().of(connection), readOnly);
  }

  /**
   * The driver's read-only is not enough: pgjdbc begins transactions READ ONLY, but with autocommit
   * there is none to begin, and on a primary, or a replica promoted meanwhile, the statement
   * writes. It stays set in the pool, so it costs a round trip once and not per borrow; that a
   * borrower lifted it in SQL ({@code RESET ALL}) goes unseen.
   */
  private void setReadOnly(Connection connection, PhysicalSession session, boolean readOnly)
      throws SQLException {
    if (!readOnly && connection.isReadOnly()) {
      connection.setReadOnly(false); // a replica's pool may say so of all of its connections
    }
    if (!session.isKnownToBe(readOnly)) {
      ask(
          connection,
          asked -> {
            probe.makeSessionReadOnly(asked, readOnly);
            return readOnly;
          });
      session.readOnly(readOnly);
    }
  }

  /** Asks outside of any transaction, whatever the pool's default is. */
  static <T> T ask(Connection connection, Question<T> question) throws SQLException {
    if (connection.getAutoCommit()) {
      return question.ask(connection);
    }
    connection.setAutoCommit(true);
    try {
      return question.ask(connection);
    } finally {
      connection.setAutoCommit(false);
    }
  }
}
