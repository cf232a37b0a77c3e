package com.example.market;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/** The pool that the service has always had, one for each server. */
public final class Pools {

  /** Connections of each. */
  public static final int SIZE = 10;

  private Pools() {}

  static HikariDataSource open(String name, String url) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(SIZE);
    config.setConnectionTimeout(1_000); // nobody waits for longer
    config.setInitializationFailTimeout(-1); // a dead server does not stop the start
    return new HikariDataSource(config);
  }
}
