package com.example.mariadb;

import io.headroom.ConsistencyToken.Position;
import io.headroom.routing.FailureKind;
import io.headroom.routing.NodeRole;
import io.headroom.routing.NodeStatus;
import io.headroom.routing.ReplicationProbe;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * MariaDB with replication by GTID, of which one domain is looked at: the one of {@code
 * gtid_domain_id}. All that it asks may be asked by a role without privileges.
 *
 * <p>{@code read_only} is the role, and the sequence number of the domain is the position. What
 * that promises, and what not, is in this example's README. Stateless.
 */
public final class MariaDbProbe implements ReplicationProbe {

  /**
   * The only timeline. MariaDB has none: sequence numbers go on where the promoted replica stands,
   * so that a token holds after a failover as it did before; and two servers that take writes are
   * always a split brain, since nothing says which of them came later.
   */
  private static final long TIMELINE = 1;

  /**
   * {@code read_only} is a number, or a word from MariaDB 12 on. A replica shows what it has
   * applied; a primary also what it has written itself.
   */
  private static final String PROGRESS =
      """
      SELECT CAST(@@global.read_only AS CHAR) IN ('0', 'OFF') AS writable,
        @@global.log_bin AS log_bin,
        @@global.gtid_domain_id AS domain,
        @@global.gtid_slave_pos AS applied,
        @@global.gtid_current_pos AS written
      """;

  /**
   * Whose copy it is, as far as MariaDB can say: which domain, and which of a server's databases. A
   * run is a server's number, of which replication allows no two, and when it was started: both
   * times are of this statement's beginning, so the difference does not waver. In a query of its
   * own, since beside {@code MAX} MariaDB 11.4 says that {@code log_bin} is 0.
   */
  private static final String STATUS =
      PROGRESS
          + """
          , CONCAT(@@global.gtid_domain_id, '/', COALESCE(DATABASE(), '')) AS cluster,
            CONCAT(@@global.server_id, ':', started) AS run, replicates
          FROM (SELECT
              CAST(UNIX_TIMESTAMP() - MAX(IF(variable_name = 'UPTIME', variable_value, 0))
                AS UNSIGNED) AS started,
              MAX(variable_name = 'SLAVE_RUNNING' AND variable_value = 'ON') AS replicates
            FROM information_schema.global_status
            WHERE variable_name IN ('UPTIME', 'SLAVE_RUNNING')) AS counters
          """;

  @Override
  public NodeStatus status(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    if (!"MariaDB".equals(product)) {
      throw new SQLFeatureNotSupportedException(
          "the server is " + product + ", no MariaDB", "0A000");
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(STATUS)) {
      row.next();
      boolean primary = row.getBoolean("writable");
      boolean replicates = row.getBoolean("replicates");
      // A former primary that does not follow its successor counts transactions that nobody else
      // has: what it says is no position. Of one that did follow, its timeline is remembered.
      return new NodeStatus(
          primary ? NodeRole.PRIMARY : NodeRole.REPLICA,
          row.getString("cluster"),
          row.getString("run"),
          primary || replicates ? OptionalLong.of(TIMELINE) : OptionalLong.empty(),
          position(row),
          primary || replicates,
          Optional.empty());
    }
  }

  @Override
  public Position written(Connection primary) throws SQLException {
    try (Statement statement = primary.createStatement();
        ResultSet row = statement.executeQuery(PROGRESS)) {
      row.next();
      if (!row.getBoolean("writable")) {
        throw new SQLException("the server is read_only, and no primary any more", "25006", 1290);
      }
      return new Position(TIMELINE, position(row));
    }
  }

  @Override
  public long visible(Connection replica) throws SQLException {
    try (Statement statement = replica.createStatement();
        ResultSet row = statement.executeQuery(PROGRESS)) {
      row.next();
      return position(row);
    }
  }

  private static long position(ResultSet row) throws SQLException {
    boolean primary = row.getBoolean("writable");
    if (primary && !row.getBoolean("log_bin")) {
      throw new SQLFeatureNotSupportedException(
          "the server takes writes and has no binary log, so it has no positions and can have no"
              + " replicas: start it with log_bin, or with read_only if it is a replica",
          "0A000");
    }
    return sequence(row.getString(primary ? "written" : "applied"), row.getLong("domain"));
  }

  /** Of a list as {@code 0-1-4711,7-2-12}, which has one domain-server-sequence for each domain. */
  static long sequence(String gtids, long domain) {
    for (String gtid : gtids.split(",", -1)) {
      String[] parts = gtid.split("-", -1);
      if (parts.length == 3 && Long.parseLong(parts[0]) == domain) {
        return Long.parseLong(parts[2]);
      }
    }
    return 0; // nothing was ever written there
  }

  /** There is one timeline, and it has not ended. */
  @Override
  public Map<Long, Long> ends(Connection primary) {
    return Map.of();
  }

  /** Refuses DDL as well, and holds whoever is exempt from {@code read_only}. */
  @Override
  public void makeSessionReadOnly(Connection connection, boolean readOnly) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          readOnly
              ? "SET SESSION TRANSACTION READ ONLY"
              : "SET SESSION transaction_read_only = DEFAULT"); // what the operator says of all
    }
  }

  /** Source: MariaDB, sql/share/errmsg-utf8.txt. */
  @Override
  public FailureKind classify(SQLException failure) {
    if (failure.getErrorCode() == 0 && failure.getCause() instanceof SQLException cause) {
      return classify(cause); // a pool's own, around the driver's
    }
    return switch (failure.getErrorCode()) {
      // --read-only; a READ ONLY transaction
      case 1290, 1792 -> FailureKind.READ_ONLY;
      // a deadlock; a row, or a table's definition, that is newer than the snapshot
      case 1213, 1020, 1412 -> FailureKind.READ_CONFLICT;
      // full; shutting down; full for this user; killed
      case 1040, 1053, 1203, 1927 -> FailureKind.CONNECTION_LOST;
      default -> {
        String state = failure.getSQLState();
        yield state != null && state.startsWith("08")
            ? FailureKind.CONNECTION_LOST
            : FailureKind.STATEMENT;
      }
    };
  }
}
