package io.headroom.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What was set on a connection, for each physical one that it is bound to. Of one thread at a time.
 */
final class RememberedSettings {

  static final int AUTO_COMMIT = 1;
  static final int READ_ONLY = 1 << 1;
  static final int ISOLATION = 1 << 2;
  static final int SCHEMA = 1 << 3;
  static final int CATALOG = 1 << 4;
  static final int HOLDABILITY = 1 << 5;
  static final int NETWORK_TIMEOUT = 1 << 6;
  static final int TYPE_MAP = 1 << 7;
  static final int CLIENT_INFO = 1 << 8;
  static final int ALL_CLIENT_INFO = 1 << 9;

  /** What stays with a session when its pool takes it back. */
  static final int OF_SESSION = SCHEMA | CATALOG | HOLDABILITY | TYPE_MAP | CLIENT_INFO;

  private int set;

  private boolean autoCommit;
  private boolean readOnly;
  private int isolation;
  private int holdability;
  private int networkTimeout;
  private @Nullable String schema;
  private @Nullable String catalog;
  private @Nullable Executor networkTimeoutExecutor;
  private @Nullable Map<String, Class<?>> typeMap;
  private @Nullable Map<String, @Nullable String> clientInfo;

  /** Whether it was set; of several, any. */
  boolean has(int setting) {
    return (set & setting) != 0;
  }

  boolean isEmpty() {
    return set == 0;
  }

  void autoCommit(boolean value) {
    autoCommit = value;
    set |= AUTO_COMMIT;
  }

  boolean autoCommit() {
    return autoCommit;
  }

  void readOnly(boolean value) {
    readOnly = value;
    set |= READ_ONLY;
  }

  boolean readOnly() {
    return readOnly;
  }

  void isolation(int value) {
    isolation = value;
    set |= ISOLATION;
  }

  int isolation() {
    return isolation;
  }

  void holdability(int value) {
    holdability = value;
    set |= HOLDABILITY;
  }

  int holdability() {
    return holdability;
  }

  void networkTimeout(@Nullable Executor executor, int milliseconds) {
    networkTimeoutExecutor = executor;
    networkTimeout = milliseconds;
    set |= NETWORK_TIMEOUT;
  }

  int networkTimeout() {
    return networkTimeout;
  }

  void schema(@Nullable String value) {
    schema = value;
    set |= SCHEMA;
  }

  @Nullable String schema() {
    return schema;
  }

  void catalog(@Nullable String value) {
    catalog = value;
    set |= CATALOG;
  }

  @Nullable String catalog() {
    return catalog;
  }

  void typeMap(@Nullable Map<String, Class<?>> value) {
    typeMap = value;
    set |= TYPE_MAP;
  }

  @Nullable Map<String, Class<?>> typeMap() {
    return typeMap;
  }

  void clientInfo(String name, @Nullable String value) {
    clientInfoByName().put(name, value);
    set |= CLIENT_INFO;
  }

  void allClientInfo(Properties properties) {
    Map<String, @Nullable String> byName = clientInfoByName();
    byName.clear();
    for (String name : properties.stringPropertyNames()) {
      byName.put(name, properties.getProperty(name));
    }
    set |= CLIENT_INFO | ALL_CLIENT_INFO;
  }

  /** Whether the value of this name is known: it was set, or everything was. */
  boolean hasClientInfo(String name) {
    return clientInfo != null && (has(ALL_CLIENT_INFO) || clientInfo.containsKey(name));
  }

  @Nullable String clientInfo(String name) {
    return clientInfo == null ? null : clientInfo.get(name);
  }

  private Map<String, @Nullable String> clientInfoByName() {
    if (clientInfo == null) {
      clientInfo = new LinkedHashMap<>();
    }
    return clientInfo;
  }

  /**
   * Makes the settings on a fresh physical connection. The order matters: the timeout guards what
   * follows; read-only and isolation come before anything that sends SQL, and autocommit is off
   * only in the end, since pgjdbc sets schema and client info by SQL, which would begin a
   * transaction.
   */
  void applyTo(Connection physical) throws SQLException {
    if (has(NETWORK_TIMEOUT)) {
      physical.setNetworkTimeout(networkTimeoutExecutor, networkTimeout);
    }
    if (has(AUTO_COMMIT) && autoCommit) {
      physical.setAutoCommit(true);
    }
    if (has(READ_ONLY)) {
      physical.setReadOnly(readOnly);
    }
    if (has(ISOLATION)) {
      physical.setTransactionIsolation(isolation);
    }
    if (has(CLIENT_INFO)) {
      applyClientInfoTo(physical);
    }
    if (has(CATALOG)) {
      physical.setCatalog(catalog);
    }
    if (has(SCHEMA)) {
      physical.setSchema(schema);
    }
    if (has(HOLDABILITY)) {
      physical.setHoldability(holdability);
    }
    if (has(TYPE_MAP)) {
      physical.setTypeMap(typeMap);
    }
    if (has(AUTO_COMMIT) && !autoCommit) {
      physical.setAutoCommit(false);
    }
  }

  private void applyClientInfoTo(Connection physical) throws SQLException {
    Map<String, @Nullable String> byName = clientInfoByName();
    if (has(ALL_CLIENT_INFO)) {
      Properties properties = new Properties();
      for (Map.Entry<String, @Nullable String> entry : byName.entrySet()) {
        if (entry.getValue() != null) {
          properties.setProperty(entry.getKey(), entry.getValue());
        }
      }
      physical.setClientInfo(properties);
      return;
    }
    for (Map.Entry<String, @Nullable String> entry : byName.entrySet()) {
      physical.setClientInfo(entry.getKey(), entry.getValue());
    }
  }
}
