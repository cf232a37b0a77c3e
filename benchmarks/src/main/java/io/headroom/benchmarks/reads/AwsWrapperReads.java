package io.headroom.benchmarks.reads;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import software.amazon.jdbc.ConnectionInfo;
import software.amazon.jdbc.DataSourceConnectionProvider;
import software.amazon.jdbc.Driver;
import software.amazon.jdbc.HostSpec;
import software.amazon.jdbc.dialect.Dialect;
import software.amazon.jdbc.ds.AwsWrapperDataSource;
import software.amazon.jdbc.targetdriverdialect.TargetDriverDialect;

/**
 * The AWS JDBC wrapper with its readWriteSplitting plugin over pools within it, as its manual
 * advises; a connection begins on the primary, and {@code setReadOnly(true)} moves it to a replica.
 *
 * <p>The pools are the same as everyone's, through a connection provider of our own. The wrapper
 * keeps that in a static field, so there may be one at a time.
 */
public final class AwsWrapperReads implements ReadAccess {
  static {
    // A log of the last minute's connections for its exceptions, which eats the heap here.
    System.setProperty("aws.jdbc.config.exception.context.enabled", "false");
  }

  private final AwsWrapperDataSource wrapper = new AwsWrapperDataSource();

  /**
   * Names the nodes to the wrapper.
   *
   * @param nodes the primary's pool, then those of its replicas
   */
  public AwsWrapperReads(List<DataSource> nodes) {
    Driver.setCustomConnectionProvider(new Pools(nodes));
    String hosts =
        IntStream.range(0, nodes.size()).mapToObj(Pools::host).collect(Collectors.joining(","));
    Properties settings = new Properties();
    settings.setProperty("wrapperPlugins", "readWriteSplitting");
    settings.setProperty("singleWriterConnectionString", "true");
    settings.setProperty("readerHostSelectorStrategy", "roundRobin");
    settings.setProperty("wrapperDialect", "pg");
    settings.setProperty("wrapperTargetDriverDialect", "pgjdbc");
    wrapper.setJdbcUrl("jdbc:aws-wrapper:postgresql://" + hosts + "/postgres");
    wrapper.setTargetDataSourceProperties(settings);
    wrapper.setUser("postgres");
  }

  @Override
  public Connection getConnection() throws SQLException {
    return wrapper.getConnection();
  }

  @Override
  public void close() {
    Driver.resetCustomConnectionProvider();
  }

  /** Has a pool for each host. */
  private static final class Pools extends DataSourceConnectionProvider {
    private static final String PREFIX = "node-";

    private final DataSource[] nodes;

    Pools(List<DataSource> nodes) {
      super(nodes.get(0)); // which is not used
      this.nodes = nodes.toArray(new DataSource[0]);
    }

    static String host(int node) {
      return PREFIX + node;
    }

    @Override
    public ConnectionInfo connect(
        String protocol,
        Dialect dialect,
        TargetDriverDialect driver,
        HostSpec host,
        Properties settings)
        throws SQLException {
      int node = Integer.parseInt(host.getHost(), PREFIX.length(), host.getHost().length(), 10);
      return new ConnectionInfo(nodes[node].getConnection(), true);
    }
  }
}
