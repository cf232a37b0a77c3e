package io.headroom.benchmarks.reads;

import java.util.List;
import javax.sql.DataSource;

/** Who takes part in the comparison of ways to read from replicas. */
public enum ReadContender {
  /** {@link HandPickedReads}. */
  HAND_PICKED("hand-picked replica"),
  /** {@link SpringLazyReads}. */
  SPRING_LAZY("Spring LazyConnectionDataSourceProxy"),
  /** {@link ShardingSphereReads}. */
  SHARDING_SPHERE("ShardingSphere-JDBC readwrite-splitting"),
  /** {@link AwsWrapperReads}. */
  AWS_WRAPPER("AWS JDBC wrapper readWriteSplitting"),
  /** {@link HeadroomReads}. */
  HEADROOM("**Headroom** ReplicaDataSource");

  private final String label;

  ReadContender(String label) {
    this.label = label;
  }

  /**
   * The name in the tables.
   *
   * @return a few words
   */
  public String label() {
    return label;
  }

  /**
   * Sets the contender up over PostgreSQL servers.
   *
   * @param nodes the primary's pool, then those of its replicas
   * @return its access to the replicas
   * @throws Exception if it cannot be set up
   */
  public ReadAccess open(List<DataSource> nodes) throws Exception {
    return switch (this) {
      case HAND_PICKED -> HandPickedReads.inTurn(nodes);
      case SPRING_LAZY -> new SpringLazyReads(nodes);
      case SHARDING_SPHERE -> new ShardingSphereReads(nodes);
      case AWS_WRAPPER -> new AwsWrapperReads(nodes);
      case HEADROOM -> HeadroomReads.onPostgres(nodes);
    };
  }
}
