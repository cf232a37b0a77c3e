package io.headroom.jdbc;

import java.sql.ClientInfoStatus;
import java.sql.Connection;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLWarning;
import java.sql.ShardingKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a connection that bear on nothing else: the physical connection's own once it is
 * bound, and remembered for the next one that it may be bound to.
 *
 * <p>{@link LazyConnection} is one object, since it is made at every borrow; its four concerns
 * (settings, statements, transactions, and binding itself) are its superclasses.
 */
abstract class SettingsConnection implements Connection {

  final ConnectionSource source;
  final SourceFacts facts;
  @Nullable RememberedSettings remembered;

  /** What it had before, if anything of its session was set and it may be left. */
  @Nullable FoundSettings found;

  SettingsConnection(ConnectionSource source, SourceFacts facts) {
    this.source = source;
    this.facts = facts;
  }

  /** The physical connection, bound now if it was not before. */
  abstract Connection bound() throws SQLException;

  /** Whether there is a physical connection; if so, {@link #bound()} does nothing but return it. */
  abstract boolean isBound();

  /** Whether the physical connection may be left before this one is closed. */
  abstract boolean mayBeLeft();

  /** Fails with 08003 if this connection was closed or aborted. */
  abstract void checkOpen() throws SQLException;

  /** The physical connection, where a setting of its session is about to be made. */
  private Connection boundForSetting(int setting) throws SQLException {
    Connection connection = bound();
    if (mayBeLeft()) {
      found().lookAt(setting, connection);
    }
    return connection;
  }

  final FoundSettings found() {
    FoundSettings known = found;
    if (known == null) {
      known = new FoundSettings();
      found = known;
    }
    return known;
  }

  final RememberedSettings settings() {
    RememberedSettings settings = remembered;
    if (settings == null) {
      settings = new RememberedSettings();
      remembered = settings;
    }
    return settings;
  }

  final boolean remembers(int setting) throws SQLException {
    checkOpen();
    return remembered != null && remembered.has(setting);
  }

  @Override
  public void setTransactionIsolation(int level) throws SQLException {
    checkOpen();
    if (isBound()) {
      bound().setTransactionIsolation(level);
      settings().isolation(level);
      return;
    }
    switch (level) {
      case TRANSACTION_READ_UNCOMMITTED,
          TRANSACTION_READ_COMMITTED,
          TRANSACTION_REPEATABLE_READ,
          TRANSACTION_SERIALIZABLE ->
          settings().isolation(level);
      default ->
          throw new SQLFeatureNotSupportedException(
              "Isolation level "
                  + level
                  + " is not supported: use one of Connection.TRANSACTION_READ_UNCOMMITTED to"
                  + " TRANSACTION_SERIALIZABLE",
              "0A000");
    }
  }

  @Override
  public int getTransactionIsolation() throws SQLException {
    if (remembers(RememberedSettings.ISOLATION) && !isBound()) {
      return settings().isolation();
    }
    return isBound() ? bound().getTransactionIsolation() : facts.defaults().isolation();
  }

  @Override
  public void setHoldability(int holdability) throws SQLException {
    checkOpen();
    if (isBound()) {
      boundForSetting(RememberedSettings.HOLDABILITY).setHoldability(holdability);
    }
    settings().holdability(holdability);
  }

  @Override
  public int getHoldability() throws SQLException {
    if (remembers(RememberedSettings.HOLDABILITY) && !isBound()) {
      return settings().holdability();
    }
    return isBound() ? bound().getHoldability() : facts.defaults().holdability();
  }

  @Override
  public void setNetworkTimeout(@Nullable Executor executor, int milliseconds) throws SQLException {
    checkOpen();
    if (isBound()) {
      bound().setNetworkTimeout(executor, milliseconds);
      settings().networkTimeout(executor, milliseconds);
      return;
    }
    if (milliseconds < 0) {
      throw new SQLException(
          "Network timeout " + milliseconds + " ms must not be negative; 0 means none", "22023");
    }
    settings().networkTimeout(executor, milliseconds);
  }

  @Override
  public int getNetworkTimeout() throws SQLException {
    if (remembers(RememberedSettings.NETWORK_TIMEOUT) && !isBound()) {
      return settings().networkTimeout();
    }
    return isBound() ? bound().getNetworkTimeout() : facts.defaults().networkTimeout();
  }

  @Override
  public void setSchema(@Nullable String schema) throws SQLException {
    checkOpen();
    if (isBound()) {
      boundForSetting(RememberedSettings.SCHEMA).setSchema(schema);
    }
    settings().schema(schema);
  }

  @Override
  public @Nullable String getSchema() throws SQLException {
    return remembers(RememberedSettings.SCHEMA) && !isBound()
        ? settings().schema()
        : bound().getSchema();
  }

  @Override
  public void setCatalog(@Nullable String catalog) throws SQLException {
    checkOpen();
    if (isBound()) {
      boundForSetting(RememberedSettings.CATALOG).setCatalog(catalog);
    }
    settings().catalog(catalog);
  }

  @Override
  public @Nullable String getCatalog() throws SQLException {
    return remembers(RememberedSettings.CATALOG) && !isBound()
        ? settings().catalog()
        : bound().getCatalog();
  }

  @Override
  public void setTypeMap(@Nullable Map<String, Class<?>> map) throws SQLException {
    checkOpen();
    if (isBound()) {
      boundForSetting(RememberedSettings.TYPE_MAP).setTypeMap(map);
    }
    settings().typeMap(map);
  }

  @Override
  public @Nullable Map<String, Class<?>> getTypeMap() throws SQLException {
    if (remembers(RememberedSettings.TYPE_MAP) && !isBound()) {
      return settings().typeMap();
    }
    return isBound() ? bound().getTypeMap() : new HashMap<>();
  }

  @Override
  public void setClientInfo(String name, @Nullable String value) throws SQLClientInfoException {
    Connection connection = physicalForClientInfo();
    if (connection != null) {
      connection.setClientInfo(name, value);
    }
    settings().clientInfo(name, value);
  }

  @Override
  public void setClientInfo(Properties properties) throws SQLClientInfoException {
    Connection connection = physicalForClientInfo();
    if (connection != null) {
      connection.setClientInfo(properties); // which says what it thinks of null
    }
    if (connection == null || properties != null) {
      settings().allClientInfo(properties);
    }
  }

  private @Nullable Connection physicalForClientInfo() throws SQLClientInfoException {
    try {
      checkOpen();
      return isBound() ? boundForSetting(RememberedSettings.CLIENT_INFO) : null;
    } catch (SQLException e) {
      throw new SQLClientInfoException(
          e.getMessage(), e.getSQLState(), Map.<String, ClientInfoStatus>of(), e);
    }
  }

  @Override
  public @Nullable String getClientInfo(String name) throws SQLException {
    checkOpen();
    return !isBound() && remembered != null && remembered.hasClientInfo(name)
        ? remembered.clientInfo(name)
        : bound().getClientInfo(name);
  }

  @Override
  public Properties getClientInfo() throws SQLException {
    return bound().getClientInfo();
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return isBound() ? bound().getWarnings() : null;
  }

  @Override
  public void clearWarnings() throws SQLException {
    checkOpen();
    if (isBound()) {
      bound().clearWarnings();
    }
  }

  /** Nothing to mark before there is a physical connection. */
  @Override
  public void beginRequest() throws SQLException {
    checkOpen();
    if (isBound()) {
      bound().beginRequest();
    }
  }

  /** Nothing to mark before there is a physical connection. */
  @Override
  public void endRequest() throws SQLException {
    checkOpen();
    if (isBound()) {
      bound().endRequest();
    }
  }

  @Override
  public boolean setShardingKeyIfValid(ShardingKey key, @Nullable ShardingKey superKey, int timeout)
      throws SQLException {
    throw keyIsFixed();
  }

  @Override
  public boolean setShardingKeyIfValid(ShardingKey key, int timeout) throws SQLException {
    throw keyIsFixed();
  }

  @Override
  public void setShardingKey(ShardingKey key, @Nullable ShardingKey superKey) throws SQLException {
    throw keyIsFixed();
  }

  @Override
  public void setShardingKey(ShardingKey key) throws SQLException {
    throw keyIsFixed();
  }

  private SQLException keyIsFixed() throws SQLException {
    checkOpen();
    return new SQLFeatureNotSupportedException(
        "The sharding key of a connection cannot be changed: take a connection for the other key"
            + " from "
            + source);
  }
}
