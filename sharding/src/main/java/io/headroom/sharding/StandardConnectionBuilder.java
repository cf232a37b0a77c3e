package io.headroom.sharding;

import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientException;
import java.sql.ShardingKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** JDBC's builder of connections for a sharding key. Not thread-safe. */
final class StandardConnectionBuilder implements ConnectionBuilder {

  private final ShardedDataSource dataSource;
  private @Nullable String user;
  private @Nullable ShardingKey superShardingKey;
  private @Nullable ShardingKey shardingKey;

  StandardConnectionBuilder(ShardedDataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public ConnectionBuilder user(@Nullable String username) {
    user = username;
    return this;
  }

  @Override
  public ConnectionBuilder password(@Nullable String password) {
    return this; // it comes with a user, who is refused
  }

  @Override
  public ConnectionBuilder shardingKey(@Nullable ShardingKey key) {
    shardingKey = key;
    return this;
  }

  @Override
  public ConnectionBuilder superShardingKey(@Nullable ShardingKey key) {
    superShardingKey = key;
    return this;
  }

  @Override
  public Connection build() throws SQLException {
    if (user != null) {
      throw new SQLFeatureNotSupportedException(
          dataSource
              + " takes connections from pools that know their user: leave user and password unset,"
              + " or give a pool of its own to user "
              + user);
    }
    if (shardingKey == null) {
      if (superShardingKey != null) {
        throw new SQLNonTransientException(
            "a superShardingKey was given without a shardingKey: give both, or neither",
            MissingShardKeyException.SQL_STATE);
      }
      return dataSource.getConnection();
    }
    List<Object> subkeys = new ArrayList<>();
    if (superShardingKey != null) {
      subkeys.addAll(ours(superShardingKey, "superShardingKey").subkeys());
    }
    subkeys.addAll(ours(shardingKey, "shardingKey").subkeys());
    try {
      return dataSource.forKey(new StandardShardingKey(subkeys)).getConnection();
    } catch (ShardingException | IllegalArgumentException e) {
      throw new SQLNonTransientException(e.getMessage(), KeyView.UNKNOWN_KEY_STATE, e);
    }
  }

  private static StandardShardingKey ours(ShardingKey key, String what) throws SQLException {
    if (key instanceof StandardShardingKey standard) {
      return standard;
    }
    throw new SQLNonTransientException(
        what
            + " is a "
            + key.getClass().getName()
            + ", made by another data source: make it with this one's createShardingKeyBuilder()",
        "22023");
  }
}
