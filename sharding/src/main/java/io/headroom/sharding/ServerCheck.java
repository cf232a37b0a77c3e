package io.headroom.sharding;

import io.headroom.KeyHash;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Whether a server hashes keys as {@link KeyHash} does, so that Java and SQL agree on slots. */
final class ServerCheck {

  private static final String SQL =
      "SELECT current_setting('server_encoding'), hashint8extended(42, 0),"
          + " hashtextextended('alice', 0)";

  private ServerCheck() {}

  static void requireCompatible(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SQL)) {
      row.next();
      String encoding = row.getString(1);
      if (!encoding.equals("UTF8")) {
        throw new ShardMapStoreException(
            name
                + ": the database's encoding is "
                + encoding
                + ", but text hashes as in Java in UTF8 only; use a database of encoding UTF8");
      }
      if (row.getLong(2) != KeyHash.of(42) || row.getLong(3) != KeyHash.of("alice")) {
        throw new ShardMapStoreException(
            name
                + ": the server hashes 42 to "
                + row.getLong(2)
                + " instead of "
                + KeyHash.of(42)
                + "; is it PostgreSQL on a little-endian machine?");
      }
    }
  }
}
