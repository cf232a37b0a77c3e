package io.headroom.benchmarks.peers;

import java.util.List;
import javax.sql.DataSource;

/** Who takes part in the comparison of data sources. */
public enum Contender {
  /** {@link HandPicked}. */
  HAND_PICKED("hand-picked pool"),
  /** {@link SpringRouting}. */
  SPRING("Spring AbstractRoutingDataSource"),
  /** {@link ShardingSphereAccess}. */
  SHARDING_SPHERE("ShardingSphere-JDBC"),
  /** Ours, by {@code forKey}. */
  HEADROOM("**Headroom**, forKey"),
  /** Ours, by the connection builder of JDBC 4.3. */
  HEADROOM_BUILDER("**Headroom**, connection builder");

  private final String label;

  Contender(String label) {
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
   * Sets the contender up over these databases.
   *
   * @param shards a power of two of them
   * @return its access to the shards
   * @throws Exception if it cannot be set up
   */
  public ShardAccess open(List<DataSource> shards) throws Exception {
    return switch (this) {
      case HAND_PICKED -> new HandPicked(shards);
      case SPRING -> new SpringRouting(shards);
      case SHARDING_SPHERE -> new ShardingSphereAccess(shards);
      case HEADROOM -> new HeadroomAccess(shards);
      case HEADROOM_BUILDER -> new HeadroomBuilderAccess(shards);
    };
  }
}
