package io.headroom.benchmarks.reads;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.shardingsphere.driver.api.yaml.YamlShardingSphereDataSourceFactory;

/**
 * ShardingSphere-JDBC's readwrite-splitting as its manual sets it up, round-robin. It parses the
 * SQL: a query that has no write before it in its transaction goes to a replica.
 */
public final class ShardingSphereReads implements ReadAccess {
  private static final String RULES =
      """
      mode:
        type: Standalone
      rules:
      - !READWRITE_SPLITTING
        dataSourceGroups:
          bank:
            writeDataSourceName: node_0
            readDataSourceNames: [%s]
            transactionalReadQueryStrategy: FIXED
            loadBalancerName: in_turn
        loadBalancers:
          in_turn:
            type: ROUND_ROBIN
      - !SINGLE
        tables:
        - "*.*"
      """;

  private final DataSource split;

  /**
   * Reads the tables and builds the data source.
   *
   * @param nodes the primary's pool, then those of its replicas
   * @throws SQLException if a database cannot be read
   * @throws IOException if the rules cannot be read
   */
  public ShardingSphereReads(List<DataSource> nodes) throws SQLException, IOException {
    Map<String, DataSource> named = new LinkedHashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      named.put("node_" + i, nodes.get(i));
    }
    String replicas = named.keySet().stream().skip(1).collect(Collectors.joining(", "));
    split =
        YamlShardingSphereDataSourceFactory.createDataSource(
            named, RULES.formatted(replicas).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Connection getConnection() throws SQLException {
    return split.getConnection();
  }

  @Override
  public void close() throws SQLException {
    try {
      split.unwrap(AutoCloseable.class).close();
    } catch (SQLException e) {
      throw e;
    } catch (Exception e) {
      throw new SQLException("ShardingSphere could not be closed", e);
    }
  }
}
