package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.routing.FailoverExceptionOverride;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens a HikariCP pool as a node's properties say, and those of all nodes where it says none. */
final class Pools {

  /** Of pools of which nothing else is said. */
  static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration VALIDATION_TIMEOUT = Duration.ofSeconds(1);

  private final DatabaseProperties all;

  Pools(DatabaseProperties all) {
    this.all = all;
  }

  /**
   * Opens a pool, without waiting for its server.
   *
   * @param at where the node's properties stand
   * @param name the pool's
   */
  HikariDataSource open(String at, NodeProperties node, String name) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setInitializationFailTimeout(-1); // a server that is down does not stop the start
    config.setExceptionOverrideClassName(FailoverExceptionOverride.class.getName());
    config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    config.setValidationTimeout(VALIDATION_TIMEOUT.toMillis());
    Setting.set(at + ".url", node.url(), config::setJdbcUrl);
    config.setUsername(node.username() == null ? all.username() : node.username());
    config.setPassword(node.password() == null ? all.password() : node.password());
    new Sized(at, node.pool()).onto(config);
    try {
      return new HikariDataSource(config);
    } catch (RuntimeException refused) {
      throw new HeadroomPropertyException(
          at,
          "HikariCP makes no pool of it: " + refused.getMessage(),
          "Correct the URL (its driver must be on the class path) and the settings of the pool.",
          refused);
    }
  }

  /** The settings of one pool, each of the node or, where it is silent, of all. */
  private final class Sized {

    private final String at;
    private final PoolProperties own;

    private Sized(String at, PoolProperties own) {
      this.at = at;
      this.own = own;
    }

    void onto(HikariConfig config) {
      set("maximum-size", PoolProperties::maximumSize, config::setMaximumPoolSize);
      set("minimum-idle", PoolProperties::minimumIdle, config::setMinimumIdle);
      millis("connection-timeout", PoolProperties::connectionTimeout, config::setConnectionTimeout);
      millis("validation-timeout", PoolProperties::validationTimeout, config::setValidationTimeout);
      millis("idle-timeout", PoolProperties::idleTimeout, config::setIdleTimeout);
      millis("max-lifetime", PoolProperties::maxLifetime, config::setMaxLifetime);
      millis("keepalive-time", PoolProperties::keepaliveTime, config::setKeepaliveTime);
      all.pool().dataSourceProperties().forEach(config::addDataSourceProperty);
      own.dataSourceProperties().forEach(config::addDataSourceProperty);
    }

    private void millis(
        String key, Function<PoolProperties, @Nullable Duration> which, Consumer<Long> option) {
      set(key, which, duration -> option.accept(duration.toMillis()));
    }

    private <T> void set(
        String key, Function<PoolProperties, @Nullable T> which, Consumer<T> option) {
      T value = which.apply(own);
      if (value != null) {
        Setting.set(at + ".pool." + key, value, option);
      } else {
        Setting.set(DatabaseChecks.DATABASE + ".pool." + key, which.apply(all.pool()), option);
      }
    }
  }
}
