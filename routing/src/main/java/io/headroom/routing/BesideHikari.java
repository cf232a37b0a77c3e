package io.headroom.routing;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.util.PropertyElf;
import com.zaxxer.hikari.util.UtilityElf;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections as a HikariCP pool would, but beside it: not out of its number, and with
 * time-outs. The pool's user and password are read each time, since they may be changed while it
 * runs.
 *
 * <p>Where the server has none left, one of the pool that nobody uses can be lent for a question: a
 * node of which the pool holds connections is of use, and else nobody would know what it is.
 */
final class BesideHikari implements ProbeConnections {

  private final HikariDataSource pool;
  private final Duration timeout;
  private @Nullable DataSource ofClass;

  BesideHikari(HikariDataSource pool, Duration timeout) {
    this.pool = pool;
    this.timeout = timeout;
  }

  @Override
  public @Nullable Connection lent() throws SQLException {
    HikariPoolMXBean bean = pool.getHikariPoolMXBean();
    return bean == null || bean.getIdleConnections() == 0 ? null : pool.getConnection();
  }

  @Override
  public Connection open() throws SQLException {
    DataSource source = pool.getDataSource();
    if (source == null && pool.getDataSourceClassName() != null) {
      source = ofClass(pool.getDataSourceClassName());
    }
    String user = pool.getUsername();
    String password = pool.getPassword();
    if (source != null) {
      return user == null ? source.getConnection() : source.getConnection(user, password);
    }
    String url = pool.getJdbcUrl();
    if (url == null) {
      throw new SQLException(
          "pool " + pool.getPoolName() + " has no jdbcUrl and no data source to probe with");
    }
    return DriverManager.getConnection(url, properties(url, user, password));
  }

  private Properties properties(String url, @Nullable String user, @Nullable String password) {
    Properties all = new Properties();
    // one by one: the pool's may hold defaults, which putAll would not see, and what is no text
    Properties configured = pool.getDataSourceProperties();
    configured.stringPropertyNames().forEach(key -> all.put(key, configured.getProperty(key)));
    configured.forEach(
        (key, value) ->
            all.put(key, value instanceof Boolean || value instanceof Number ? "" + value : value));
    if (user != null) {
      all.put("user", user);
    }
    if (password != null) {
      all.put("password", password);
    }
    if (url.startsWith("jdbc:postgresql:")) {
      String seconds = Long.toString(Math.max(1, timeout.toSeconds()));
      Map.of(
              "connectTimeout", seconds,
              "socketTimeout", seconds,
              "loginTimeout", seconds,
              "ApplicationName", "headroom-probe")
          .forEach(all::putIfAbsent);
    }
    return all;
  }

  private synchronized DataSource ofClass(String className) {
    if (ofClass == null) {
      DataSource made = UtilityElf.createInstance(className, DataSource.class);
      PropertyElf.setTargetFromProperties(made, pool.getDataSourceProperties());
      ofClass = made;
    }
    return ofClass;
  }
}
