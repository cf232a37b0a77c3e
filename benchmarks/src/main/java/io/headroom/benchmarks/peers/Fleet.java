package io.headroom.benchmarks.peers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import javax.sql.DataSource;

/**
 * One HikariCP pool for each of some PostgreSQL databases.
 *
 * @param pools in the order of the URLs
 */
public record Fleet(List<DataSource> pools) implements AutoCloseable {
  /** The system property that holds the JDBC URLs, separated by commas. */
  public static final String URLS = "bench.postgres";

  /**
   * Opens pools of two connections.
   *
   * @param urls JDBC URLs
   * @return the fleet
   */
  public static Fleet open(List<String> urls) {
    return open(urls, 2);
  }

  /**
   * Opens the pools.
   *
   * @param urls JDBC URLs
   * @param connections how many each has
   * @return the fleet
   */
  public static Fleet open(List<String> urls, int connections) {
    return new Fleet(urls.stream().map(url -> pool(url, connections)).toList());
  }

  /**
   * Opens the pools that the runner named.
   *
   * @return the fleet
   * @throws IllegalStateException if no URLs are set
   */
  public static Fleet ofRunner() {
    String urls = System.getProperty(URLS);
    if (urls == null) {
      throw new IllegalStateException(
          "-D" + URLS + " is not set: start this benchmark by RunBenchmarks");
    }
    return open(List.of(urls.split(",", -1)));
  }

  private static DataSource pool(String url, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(connections);
    return new HikariDataSource(config);
  }

  @Override
  public void close() {
    for (DataSource pool : pools) {
      ((HikariDataSource) pool).close();
    }
  }
}
