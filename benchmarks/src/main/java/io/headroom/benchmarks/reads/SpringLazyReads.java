package io.headroom.benchmarks.reads;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

/**
 * Spring's lazy proxy with its read-only data source. It takes one of those, so a few lines that a
 * team would write spread the reads over the replicas.
 */
public final class SpringLazyReads implements ReadAccess {
  private final LazyConnectionDataSourceProxy lazy;

  /**
   * Sets the proxy up.
   *
   * @param nodes the primary's pool, then those of its replicas
   */
  public SpringLazyReads(List<DataSource> nodes) {
    HandPickedReads replicas = HandPickedReads.inTurn(nodes);
    lazy = new LazyConnectionDataSourceProxy();
    lazy.setTargetDataSource(nodes.get(0));
    lazy.setReadOnlyDataSource(
        new AbstractDataSource() {
          @Override
          public Connection getConnection() throws SQLException {
            return replicas.getConnection();
          }

          @Override
          public Connection getConnection(String user, String password) throws SQLException {
            return getConnection();
          }
        });
    lazy.setDefaultAutoCommit(true); // else it takes a connection of the primary to ask
    lazy.setDefaultTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    lazy.afterPropertiesSet();
  }

  @Override
  public Connection getConnection() throws SQLException {
    return lazy.getConnection();
  }
}
