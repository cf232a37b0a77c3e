package io.headroom.sharding.patterns;

import io.headroom.sharding.ShardedDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.OptionalLong;

/**
 * The look-up index of docs/patterns.md: e-mail address to user id, for users that are sharded by
 * user id. The index is a table of its own, sharded by the address, so that the address is unique
 * in the whole fleet: it can be on one shard only, and there it is the primary key.
 */
final class EmailIndex {

  static final String DDL =
      """
      CREATE TABLE user_by_email (
        email     text COLLATE "C" PRIMARY KEY,
        user_id   bigint NOT NULL,
        confirmed boolean NOT NULL DEFAULT false
      );
      CREATE TABLE users (user_id bigint PRIMARY KEY, email text NOT NULL);
      """;

  private final ShardedDataSource byUserId;
  private final ShardedDataSource byEmail;

  EmailIndex(ShardedDataSource byUserId, ShardedDataSource byEmail) {
    this.byUserId = byUserId;
    this.byEmail = byEmail;
  }

  // snippet: lookup-register
  /** Registers a user; false if the address is taken. */
  boolean register(long userId, String email) throws SQLException {
    if (!claim(userId, email)) {
      long holder = holder(email).orElse(userId);
      if (userExists(holder, email)) {
        confirm(holder, email); // for one that died before it could
      }
      if (!takeOver(holder, userId, email)) {
        return false; // confirmed: the address is taken
      }
    }
    insertUser(userId, email);
    if (!confirm(userId, email)) {
      deleteUser(userId); // we were slow, and our claim was taken over
      return false;
    }
    return true;
  }

  // end snippet

  // snippet: lookup-find
  /** Finds a user by address; an entry whose user is not there is no user. */
  OptionalLong find(String email) throws SQLException {
    OptionalLong holder = holder(email);
    return holder.isPresent() && userExists(holder.getAsLong(), email)
        ? holder
        : OptionalLong.empty();
  }

  // end snippet

  /** The insert comes first, on the address's shard: its primary key lets one in. */
  boolean claim(long userId, String email) throws SQLException {
    return update(
            byEmail,
            email,
            "INSERT INTO user_by_email (user_id, email) VALUES (?, ?) ON CONFLICT DO NOTHING",
            userId,
            email)
        == 1;
  }

  private boolean takeOver(long from, long to, String email) throws SQLException {
    return update(
            byEmail,
            email,
            "UPDATE user_by_email SET user_id = ?"
                + " WHERE email = ? AND user_id = ? AND NOT confirmed",
            to,
            email,
            from)
        == 1;
  }

  private boolean confirm(long userId, String email) throws SQLException {
    return update(
            byEmail,
            email,
            "UPDATE user_by_email SET confirmed = true WHERE email = ? AND user_id = ?",
            email,
            userId)
        == 1;
  }

  private OptionalLong holder(String email) throws SQLException {
    try (Connection connection = byEmail.forKey(email).getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT user_id FROM user_by_email WHERE email = ?")) {
      statement.setString(1, email);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  private boolean userExists(long userId, String email) throws SQLException {
    try (Connection connection = byUserId.forKey(userId).getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT 1 FROM users WHERE user_id = ? AND email = ?")) {
      statement.setLong(1, userId);
      statement.setString(2, email);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  void insertUser(long userId, String email) throws SQLException {
    update(byUserId, userId, "INSERT INTO users VALUES (?, ?)", userId, email);
  }

  private void deleteUser(long userId) throws SQLException {
    update(byUserId, userId, "DELETE FROM users WHERE user_id = ?", userId);
  }

  private static int update(ShardedDataSource sharded, Object key, String sql, Object... values)
      throws SQLException {
    try (Connection connection = sharded.forKey(key).getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }
}
