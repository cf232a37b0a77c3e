package io.headroom.benchmarks.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.shardingsphere.driver.api.yaml.YamlShardingSphereDataSourceFactory;

/** ShardingSphere-JDBC as its manual sets it up: one table on four databases by an inline rule. */
public final class ShardingSphereAccess implements ShardAccess {
  private static final String RULES =
      """
      mode:
        type: Standalone
      rules:
      - !SHARDING
        tables:
          accounts:
            actualDataNodes: shard_${0..%1$d}.accounts
            databaseStrategy:
              standard:
                shardingColumn: id
                shardingAlgorithmName: by_id
        shardingAlgorithms:
          by_id:
            type: INLINE
            props:
              algorithm-expression: shard_${id %% %2$d}
      """;

  private final DataSource sharded;

  /**
   * Reads the tables of all shards and builds the data source.
   *
   * @param shards the databases
   * @throws SQLException if a database cannot be read
   * @throws IOException if the rules cannot be read
   */
  public ShardingSphereAccess(List<DataSource> shards) throws SQLException, IOException {
    Map<String, DataSource> named = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      named.put("shard_" + i, shards.get(i));
    }
    String rules = RULES.formatted(shards.size() - 1, shards.size());
    sharded =
        YamlShardingSphereDataSourceFactory.createDataSource(
            named, rules.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Connection connectionFor(long id) throws SQLException {
    return sharded.getConnection();
  }

  @Override
  public void close() throws SQLException {
    try {
      sharded.unwrap(AutoCloseable.class).close();
    } catch (SQLException e) {
      throw e;
    } catch (Exception e) {
      throw new SQLException("ShardingSphere could not be closed", e);
    }
  }
}
