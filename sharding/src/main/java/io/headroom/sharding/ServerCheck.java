package io.headroom.sharding;

import io.headroom.KeyHash;
import io.headroom.KeyType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Whether a server hashes keys as {@link KeyHash} does, so that Java and SQL agree on slots. */
final class ServerCheck {

  private static final String SQL =
      "SELECT current_setting('server_encoding'), hashint8extended(42, 0),"
          + " hashtextextended('alice', 0)";
  private static final String UNDEFINED_FUNCTION = "42883";

  private ServerCheck() {}

  /**
   * What is wrong with a server, and the mend; null if nothing is.
   *
   * @param keys what is hashed there; the encoding is of text's concern only
   * @throws SQLException if it could not be asked
   */
  static @Nullable String faultOf(Connection connection, KeyType keys) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SQL)) {
      row.next();
      String encoding = row.getString(1);
      if (keys == KeyType.TEXT && !encoding.equals("UTF8")) {
        return "the database's encoding is "
            + encoding
            + ", but text hashes as in Java in UTF8 only; use a database of encoding UTF8";
      }
      if (row.getLong(2) != KeyHash.of(42)) {
        return differs("42", row.getLong(2), KeyHash.of(42));
      }
      if (row.getLong(3) != KeyHash.of("alice")) {
        return differs("'alice'", row.getLong(3), KeyHash.of("alice"));
      }
      return null;
    } catch (SQLException e) {
      if (UNDEFINED_FUNCTION.equals(e.getSQLState())) {
        return "the server lacks a hash function of PostgreSQL ("
            + e.getMessage()
            + "); use PostgreSQL 11 or newer";
      }
      throw e;
    }
  }

  private static String differs(String key, long there, long here) {
    return "the server hashes "
        + key
        + " to "
        + there
        + " instead of "
        + here
        + ", so that SQL and Java disagree on where its row is; use PostgreSQL on a little-endian"
        + " machine, with no function of its own before pg_catalog's in the search_path";
  }
}
