package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the server of a pool that are not the pool's, and behind no guard: for work of the
 * start, which wants several at once, keeps state in its sessions, and whose statements take as
 * long as they take; and for health, where the pool has none to spare. Thread-safe.
 */
final class DirectDataSource implements DataSource {

  private final String url;
  private final Properties properties = new Properties();
  private final int millis;

  /**
   * Connections as the pool's.
   *
   * @param username another user; the pool's if null
   * @param password that user's
   * @param answersWithin how long the server may take to answer
   */
  DirectDataSource(
      HikariDataSource pool,
      @Nullable String username,
      @Nullable String password,
      Duration answersWithin) {
    this(pool, pool.getJdbcUrl(), username, password, answersWithin);
  }

  private DirectDataSource(
      HikariDataSource pool,
      String url,
      @Nullable String username,
      @Nullable String password,
      Duration answersWithin) {
    this.url = url;
    this.millis = (int) Math.min(answersWithin.toMillis(), Integer.MAX_VALUE);
    Properties pools = pool.getDataSourceProperties();
    pools.forEach((key, value) -> properties.put(key.toString(), handedOn(value)));
    for (String name : pools.stringPropertyNames()) {
      properties.putIfAbsent(name, pools.getProperty(name)); // a default is no entry
    }
    set("user", username == null ? pool.getUsername() : username);
    set("password", username == null ? pool.getPassword() : password);
  }

  /**
   * Connections as the pool's, of which a login takes no longer either, if its driver knows how.
   *
   * @param answersWithin how long the server may take to answer, in whole seconds
   */
  static DirectDataSource bounded(HikariDataSource pool, Duration answersWithin)
      throws SQLException {
    DirectDataSource asIs = new DirectDataSource(pool, null, null, answersWithin);
    String url = Silence.boundedLogin(asIs.url, asIs.properties, answersWithin);
    return new DirectDataSource(pool, url, null, null, answersWithin);
  }

  /**
   * Numbers and flags as texts, which all drivers read (HikariCP 6.3.0 hands on nothing else); what
   * else a driver may know as it is (as HikariCP 6.3.3 does).
   */
  private static Object handedOn(Object value) {
    return value instanceof Boolean || value instanceof Number ? value.toString() : value;
  }

  private void set(String property, @Nullable String value) {
    if (value != null) {
      properties.setProperty(property, value);
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = DriverManager.getConnection(url, properties);
    try {
      connection.setNetworkTimeout(Runnable::run, millis);
    } catch (SQLFeatureNotSupportedException bounded) {
      // then by whatever the driver has
    } catch (SQLException | RuntimeException failure) {
      try (connection) {
        throw failure;
      }
    }
    return connection;
  }

  @Override
  public Connection getConnection(String username, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("it has one user");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    throw new SQLFeatureNotSupportedException("it writes no log");
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    throw new SQLFeatureNotSupportedException("the URL says that");
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("it logs nothing");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException("it is no " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
