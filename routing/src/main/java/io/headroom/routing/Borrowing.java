package io.headroom.routing;

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
  private final Memory memory;
  private final TimeSource time;

  Borrowing(ReplicationProbe probe, Memory memory, TimeSource time) {
    this.probe = probe;
    this.memory = memory;
    this.time = time;
  }

  /** Adds to an answer what the same run of the server told before. */
  @FunctionalInterface
  interface Memory {
    NodeStatus complete(Node node, NodeStatus answer);
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

  /** Null if the connection reaches another server, or another run of it, than the monitor does. */
  private @Nullable Sample sampleFor(Node node, Connection connection, PhysicalSession session)
      throws SQLException {
    int roleVersion = node.roleVersion();
    Sample own = session.introductionFor(roleVersion);
    if (own == null) {
      own = introduction(node, connection);
      session.introduced(own, roleVersion);
    }
    Sample monitored = node.sample();
    if (monitored == null || monitored.beganNanos() - own.endedNanos() < 0) {
      return own;
    }
    boolean sameServer = monitored.status().incarnation().equals(own.status().incarnation());
    return sameServer ? monitored : null;
  }

  private Sample introduction(Node node, Connection connection) throws SQLException {
    long began = time.nanoTime();
    NodeStatus status = memory.complete(node, ask(connection, probe::status));
    return new Sample(began, time.nanoTime(), status);
  }

  /**
   * The driver's read-only is not enough: pgjdbc begins transactions READ ONLY, but with autocommit
   * there is none to begin, and on a primary, or a replica promoted meanwhile, the statement
   * writes. It stays set in the pool, so it costs a round trip once and not per borrow.
   */
  private void setReadOnly(Connection connection, PhysicalSession session, boolean readOnly)
      throws SQLException {
    if (session.isReadOnly() != readOnly) {
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
