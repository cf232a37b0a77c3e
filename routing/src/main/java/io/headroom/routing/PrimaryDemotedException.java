package io.headroom.routing;

import java.io.Serial;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import org.jspecify.annotations.Nullable;

/**
 * The server stopped being the primary under a transaction, which it has refused to go on with.
 * Nothing of it was written; run the whole transaction again.
 */
public final class PrimaryDemotedException extends SQLTransactionRollbackException {

  /** The SQLSTATE: the transaction was rolled back and may be run again. */
  public static final String SQL_STATE = "40001";

  @Serial private static final long serialVersionUID = 1L;

  /** The cluster. */
  private final String cluster;

  /** The node that is no primary any more. */
  private final String node;

  PrimaryDemotedException(String cluster, String node, @Nullable SQLException cause) {
    super(
        "node '"
            + node
            + "' of cluster '"
            + cluster
            + "' is not the primary any more. Nothing of this transaction was kept: roll it back"
            + " and run it again on a new connection",
        SQL_STATE,
        cause);
    this.cluster = cluster;
    this.node = node;
  }

  /**
   * Returns the cluster.
   *
   * @return the data source's name
   */
  public String cluster() {
    return cluster;
  }

  /**
   * Returns the node that was the primary.
   *
   * @return its name
   */
  public String node() {
    return node;
  }
}
