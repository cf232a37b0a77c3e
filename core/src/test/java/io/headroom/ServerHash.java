package io.headroom;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** What a running PostgreSQL says of keys, in one query for all of them. */
final class ServerHash {

  private final DataSource server;

  ServerHash(DataSource server) {
    this.server = server;
  }

  List<Long> of(KeyType type, List<?> keys) throws SQLException {
    return switch (type) {
      case INTEGER -> ask("int8", type.hashSql("k"), keys.toArray());
      case TEXT -> ask("text", type.hashSql("k"), keys.toArray());
      case UUID -> ask("uuid", type.hashSql("k"), keys.toArray(UUID[]::new));
      case BYTES -> ask("bytea", type.hashSql("k"), keys.toArray(byte[][]::new));
    };
  }

  /** Evaluates an expression in {@code k} for each key. */
  List<Long> ask(String sqlType, String expression, Object[] keys) throws SQLException {
    String sql =
        "select " + expression + " from unnest(?) with ordinality as keys(k, n) order by n";
    try (Connection connection = server.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      Array array = connection.createArrayOf(sqlType, keys);
      statement.setArray(1, array);
      List<Long> hashes = new ArrayList<>(keys.length);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          hashes.add(rows.getLong(1));
        }
      }
      return hashes;
    }
  }

  /** For a message: a key that a terminal can show. */
  static String shown(Object key) {
    return key instanceof byte[] bytes
        ? "0x" + new java.math.BigInteger(1, bytes).toString(16) + " of " + bytes.length
        : key instanceof String text
            ? "'" + text + "' of " + text.getBytes(StandardCharsets.UTF_8).length
            : key.toString();
  }
}
