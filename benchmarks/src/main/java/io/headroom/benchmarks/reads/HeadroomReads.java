package io.headroom.benchmarks.reads;

import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.ReplicaDataSourceBuilder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** Ours, as its README sets it up. */
public final class HeadroomReads implements ReadAccess {
  private final ReplicaDataSource replicas;

  private HeadroomReads(ReplicaDataSource replicas) {
    this.replicas = replicas;
  }

  /**
   * Names the pools.
   *
   * @param nodes the primary's pool, then those of its replicas
   * @return a builder that may be told more
   */
  public static ReplicaDataSourceBuilder builder(List<DataSource> nodes) {
    ReplicaDataSourceBuilder builder =
        ReplicaDataSource.builder("bank").primary("node-0", nodes.get(0));
    for (int i = 1; i < nodes.size(); i++) {
      builder.replica("node-" + i, nodes.get(i));
    }
    return builder;
  }

  /**
   * Over PostgreSQL servers, with nothing set.
   *
   * @param nodes the primary's pool, then those of its replicas
   * @return its access to the replicas
   */
  public static HeadroomReads onPostgres(List<DataSource> nodes) {
    return over(builder(nodes));
  }

  /**
   * Over what a builder was told.
   *
   * @param builder of {@link #builder}
   * @return its access to the replicas
   */
  public static HeadroomReads over(ReplicaDataSourceBuilder builder) {
    return new HeadroomReads(builder.build());
  }

  @Override
  public Connection getConnection() throws SQLException {
    return replicas.getConnection();
  }

  @Override
  public void close() {
    replicas.close();
  }
}
