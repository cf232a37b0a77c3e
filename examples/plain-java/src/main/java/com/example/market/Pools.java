package com.example.market;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;

/** The pool that the service has always had, one for each server. */
public final class Pools {

  /** Connections of each. */
  public static final int SIZE = 10;

  private Pools() {}

  /** One for which nobody waits longer than a second. */
  static HikariDataSource open(String name, String url) {
    return open(name, url, Duration.ofSeconds(1));
  }

  /**
   * Opens a pool.
   *
   * @param longest for so long somebody waits for a connection; set here, for a pool that runs
   *     already would take it up only some time later
   */
  static HikariDataSource open(String name, String url, Duration longest) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(SIZE);
    config.setConnectionTimeout(longest.toMillis());
    config.setInitializationFailTimeout(-1); // a dead server does not stop the start
    return new HikariDataSource(config);
  }
}
