package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's own functions, and none that a role without privileges may not call: where {@code
 * pg_monitor} would tell more, less is told.
 *
 * <p>Statements are plain ones, never prepared on the server, so that they pass a pooler.
 */
enum PostgresProbe implements ReplicationProbe {
  INSTANCE;

  /**
   * Everything in one round trip, but for the rare position that no replica reaches as things are
   * ({@link #FLUSHING}). The role is asked once, so that a promotion in between cannot mix answers.
   * When and at which port of its own the server was started is the same by whatever address it is
   * reached, unlike the address. A replica's timeline is that of its connection to the primary
   * where the role may see it; what the control file says may be older, never newer. {@code
   * pg_control_checkpoint} is no answer on a primary: it is behind just after a promotion. {@code
   * pg_stat_get_wal_receiver} is what the view stands on, with less to plan.
   */
  private static final String STATUS =
      """
      SELECT standby,
        (SELECT system_identifier::text FROM pg_control_system()) || '/' || current_database(),
        (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text
          || ':' || current_setting('port'),
        CASE WHEN standby
          THEN greatest(nullif(receiver.received_tli, 0),
            (SELECT timeline_id FROM pg_control_checkpoint()),
            (SELECT nullif(min_recovery_end_timeline, 0) FROM pg_control_recovery()))::bigint
          ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
        END,
        lsn - '0/0',
        NOT standby OR (receiver.pid IS NOT NULL
          AND coalesce(receiver.status, 'streaming') = 'streaming'),
        CASE WHEN standby THEN
          (extract(epoch FROM now() - pg_last_xact_replay_timestamp()) * 1000000)::bigint END,
        current_setting('wal_block_size')::int,
        pg_size_bytes(current_setting('wal_segment_size')),
        CASE WHEN standby THEN false
             WHEN current_setting('synchronous_commit') = 'off'
               THEN pg_current_wal_flush_lsn() < lsn
             ELSE (lsn - '0/0') % current_setting('wal_block_size')::int = 0
               AND lsn < pg_current_wal_insert_lsn() END
      FROM (SELECT standby,
          CASE WHEN standby THEN pg_last_wal_replay_lsn()
               WHEN current_setting('synchronous_commit') = 'off' THEN pg_current_wal_insert_lsn()
               ELSE pg_current_wal_flush_lsn() END AS lsn
        FROM (SELECT pg_is_in_recovery() AS standby OFFSET 0) AS asked OFFSET 0) AS role,
        pg_stat_get_wal_receiver() AS receiver
      """;

  /**
   * The flush position, since the insert position may lie in a record of a transaction that goes
   * on: nothing flushes that before somebody commits. The WAL writer flushes whole pages meanwhile,
   * so the flush position may stand at a page's end in the middle of such a record, too, and a
   * replica, which stands at the end of a record always, stays before it. That is never stale, for
   * what was committed lies at or before the flush position; but it is a wait, until somebody
   * commits or the background writer logs something (15 s). So is one for the insert position,
   * which is all there is to go by where commits are asynchronous. Then this takes a transaction
   * number: see {@link #FLUSHING}.
   */
  private static final String WRITTEN =
      """
      SELECT ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::bigint, lsn - '0/0', page,
        pg_size_bytes(current_setting('wal_segment_size')),
        CASE WHEN CASE WHEN asynchronous THEN pg_current_wal_flush_lsn() < lsn
              ELSE (lsn - '0/0') % page = 0 AND lsn < pg_current_wal_insert_lsn() END
          THEN pg_current_xact_id()::text END
      FROM (SELECT asynchronous, CASE WHEN asynchronous THEN pg_current_wal_insert_lsn()
          ELSE pg_current_wal_flush_lsn() END AS lsn,
        current_setting('wal_block_size')::int AS page
        FROM (SELECT current_setting('synchronous_commit') = 'off' AS asynchronous) AS mode
        OFFSET 0) AS written
      """;

  /**
   * Takes a transaction number: that commits asynchronously, behind whatever is in the log, and the
   * WAL writer flushes all of it within {@code wal_writer_delay}.
   */
  private static final String FLUSHING = "SELECT pg_current_xact_id()";

  private static final String VISIBLE =
      """
      SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
        ELSE pg_current_wal_flush_lsn() END - '0/0'
      """;

  private static final String MAY_READ_FILES =
      """
      SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
      WHERE has_function_privilege('pg_read_file(text, bigint, bigint, boolean)', 'EXECUTE')
        AND pg_has_role('pg_read_server_files', 'USAGE')
      """;

  /** {@code <timeline> <switch point> <reason>}; a line that begins with # is a comment. */
  private static final Pattern HISTORY_LINE =
      Pattern.compile("^\\s*(\\d+)\\s+([0-9A-Fa-f]+)/([0-9A-Fa-f]+)", Pattern.MULTILINE);

  @Override
  public NodeStatus status(Connection connection) throws SQLException {
    requirePostgres(connection);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(STATUS)) {
      row.next();
      boolean standby = row.getBoolean(1);
      long position = row.getLong(5);
      OptionalLong timeline = positive(row.getLong(4));
      if (!standby) {
        position = WalPages.endOfRecord(position, row.getInt(8), row.getLong(9));
      }
      boolean unreachable = row.getBoolean(10);
      if (position == 0) {
        timeline = OptionalLong.empty(); // no log of its own (Aurora): positions mean nothing
      }
      NodeStatus status =
          new NodeStatus(
              standby ? NodeRole.REPLICA : NodeRole.PRIMARY,
              row.getString(2),
              row.getString(3),
              timeline,
              position,
              row.getBoolean(6),
              sinceReplay(row, 7));
      if (unreachable && position != 0) {
        haveFlushed(statement);
      }
      return status;
    } catch (SQLException failure) {
      throw named(connection, failure);
    }
  }

  /** Else the replicas would look as if they lagged; that it cannot be, is no failure to answer. */
  private static void haveFlushed(Statement statement) {
    try {
      statement.execute(FLUSHING);
    } catch (SQLException itIsAWaitAndNoMore) {
      // if the connection is broken, the next question will show that
    }
  }

  private static void requirePostgres(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    if (!"PostgreSQL".equals(product)) {
      throw new SQLFeatureNotSupportedException(
          "the server is " + product + ", not PostgreSQL; give the builder a probe for it",
          "0A000");
    }
  }

  private static Optional<Duration> sinceReplay(ResultSet row, int column) throws SQLException {
    long micros = row.getLong(column);
    // clocks differ: what was committed by the primary's may be in the future of the replica's
    return row.wasNull()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(0, micros) * 1000));
  }

  private static OptionalLong positive(long timeline) {
    return timeline > 0 ? OptionalLong.of(timeline) : OptionalLong.empty();
  }

  /** A function that is not there, or that PUBLIC was kept from: says of whom, and the mend. */
  private static SQLException named(Connection connection, SQLException failure) {
    String state = failure.getSQLState();
    if ("42501".equals(state)) {
      return new SQLFeatureNotSupportedException(
          "the probe's role lacks a privilege that PUBLIC has by default: "
              + failure.getMessage()
              + "; GRANT it EXECUTE on that function, or pg_monitor",
          state,
          failure);
    }
    if ("0A000".equals(state) && isSerializable(connection)) {
      return new SQLFeatureNotSupportedException(
          "the sessions of this role or pool begin transactions SERIALIZABLE, which a replica"
              + " refuses: "
              + failure.getMessage()
              + "; set default_transaction_isolation to 'repeatable read' for them, and ask for"
              + " SERIALIZABLE where it is needed",
          state,
          failure);
    }
    if ("42883".equals(state)
        || "42P01".equals(state)
        || "42703".equals(state)
        || "0A000".equals(state)) {
      return new SQLFeatureNotSupportedException(
          "the server speaks PostgreSQL's protocol but lacks its replication functions ("
              + version(connection)
              + "): "
              + failure.getMessage(),
          state,
          failure);
    }
    return failure;
  }

  private static boolean isSerializable(Connection connection) {
    try {
      return connection.getTransactionIsolation() == Connection.TRANSACTION_SERIALIZABLE;
    } catch (SQLException e) {
      return false;
    }
  }

  private static String version(Connection connection) {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version()")) {
      return row.next() ? row.getString(1) : "it tells no version";
    } catch (SQLException e) {
      return "it tells no version";
    }
  }

  @Override
  public Position written(Connection primary) throws SQLException {
    // prepared, so that the server plans it once for each connection: that is most of its time
    try (PreparedStatement statement = primary.prepareStatement(WRITTEN);
        ResultSet row = statement.executeQuery()) {
      row.next();
      long position = row.getLong(2);
      if (position == 0) {
        throw new SQLFeatureNotSupportedException(
            "the server has no log positions (it answers 0/0, as Aurora does), so reads cannot"
                + " follow writes to its replicas: ask for STRONG, or for EVENTUAL",
            "0A000");
      }
      return new Position(
          row.getLong(1), WalPages.endOfRecord(position, row.getInt(3), row.getLong(4)));
    }
  }

  @Override
  public long visible(Connection replica) throws SQLException {
    try (PreparedStatement statement = replica.prepareStatement(VISIBLE);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public Map<Long, Long> ends(Connection primary) throws SQLException {
    try (Statement statement = primary.createStatement()) {
      String timeline = firstText(statement, MAY_READ_FILES);
      String history =
          timeline == null
              ? null
              : firstText(
                  statement,
                  "SELECT pg_read_file('pg_wal/" + timeline + ".history', 0, 1048576, true)");
      return history == null ? Map.of() : parseHistory(history);
    }
  }

  private static @Nullable String firstText(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  /** Reads a timeline history file; the switch point is where the next timeline begins. */
  static Map<Long, Long> parseHistory(String history) {
    Map<Long, Long> ends = new HashMap<>();
    Matcher line = HISTORY_LINE.matcher(history);
    while (line.find()) {
      long high = Long.parseLong(line.group(2), 16);
      long low = Long.parseLong(line.group(3), 16);
      ends.put(Long.valueOf(line.group(1)), high << 32 | low);
    }
    return Map.copyOf(ends);
  }

  /**
   * Back to what the server, the database or the role says: a session that said READ WRITE itself
   * would write on in a server that was closed to writes by {@code default_transaction_read_only}.
   */
  @Override
  public void makeSessionReadOnly(Connection connection, boolean readOnly) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          readOnly
              ? "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
              : "RESET default_transaction_read_only");
    }
  }

  /**
   * The server has committed, and gave up waiting (src/backend/replication/syncrep.c). Which of its
   * routines it says so from is, unlike the text, not translated.
   */
  @Override
  public boolean leavesCommitUnconfirmed(SQLWarning warning) {
    String message = warning.getMessage();
    return (message != null && message.contains("synchronous replication"))
        || "SyncRepWaitForLSN".equals(ServerMessages.told(warning, "getRoutine"));
  }

  @Override
  public FailureKind classify(SQLException failure) {
    return PostgresFailures.classify(failure);
  }
}
