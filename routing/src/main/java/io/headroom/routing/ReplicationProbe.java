package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Map;

/**
 * How a kind of database is asked about its replication. {@link #postgres()} is built in; another
 * database is added by implementing this.
 *
 * <p>Every method runs on a connection with autocommit on, sends one statement where it can, and
 * leaves the session as it was. Implementations are stateless or thread-safe.
 */
public interface ReplicationProbe {

  /**
   * Asks a server who it is and how far it is.
   *
   * @param connection to the server, with autocommit on
   * @return its answer
   * @throws SQLException if it does not answer
   * @throws java.sql.SQLFeatureNotSupportedException if it is not of this probe's kind; the message
   *     names the product that answered
   */
  NodeStatus status(Connection connection) throws SQLException;

  /**
   * Asks a primary for a position at or behind which everything lies that was committed, anywhere,
   * before this was called. It must be one that a replica reaches without another write.
   *
   * @param primary a connection with autocommit on
   * @return timeline and position
   * @throws SQLException if it does not answer, or does not take writes any more
   */
  Position written(Connection primary) throws SQLException;

  /**
   * Asks a replica up to where its data is visible now, for whoever waits for it.
   *
   * @param replica a connection with autocommit on
   * @return the position, as in {@link NodeStatus#position()}
   * @throws SQLException if it does not answer
   */
  long visible(Connection replica) throws SQLException;

  /**
   * Asks a server where histories ended: a position at or below the end of a timeline holds on the
   * later ones too. Asked once after each change of the primary, and again while that fails.
   *
   * @param primary a connection with autocommit on
   * @return for each timeline that has ended, its last position; empty if the server does not tell
   * @throws SQLException if it does not answer
   */
  Map<Long, Long> ends(Connection primary) throws SQLException;

  /**
   * Has the server refuse every write of a session from now on, or not any more, with autocommit as
   * well as in transactions.
   *
   * @param connection whose session, with autocommit on
   * @param readOnly true to refuse writes
   * @throws SQLException if the server does not take it
   */
  default void makeSessionReadOnly(Connection connection, boolean readOnly) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET SESSION CHARACTERISTICS AS TRANSACTION " + (readOnly ? "READ ONLY" : "READ WRITE"));
    }
  }

  /**
   * Whether a warning that came with a commit says that it may not last: that the wait for a
   * synchronous replica was cancelled, say.
   *
   * @param warning what the server sent with its answer to the commit
   * @return true if the commit is not confirmed
   */
  default boolean leavesCommitUnconfirmed(SQLWarning warning) {
    return false;
  }

  /**
   * What a failure says of the server.
   *
   * @param failure what the driver threw
   * @return what it means
   */
  FailureKind classify(SQLException failure);

  /**
   * The probe of PostgreSQL 14 and later.
   *
   * @return always the same instance
   */
  static ReplicationProbe postgres() {
    return PostgresProbe.INSTANCE;
  }
}
