package io.headroom.routing;

import java.io.Serial;
import java.sql.SQLNonTransientException;
import org.jspecify.annotations.Nullable;

/**
 * The connection broke after a commit (or a statement with autocommit) was sent and before its
 * answer came, or the commit was not confirmed by the synchronous replica that it waited for: it
 * may have been written, or be lost at the next failover.
 *
 * <p>Never run again without looking: read whether it is there, or make the write one that may be
 * repeated (an id of its own, {@code ON CONFLICT DO NOTHING}).
 */
public final class UnknownOutcomeException extends SQLNonTransientException {

  /** The SQLSTATE: transaction resolution unknown. */
  public static final String SQL_STATE = "08007";

  @Serial private static final long serialVersionUID = 1L;

  /** The cluster. */
  private final String cluster;

  /** The node that it was sent to. */
  private final String node;

  UnknownOutcomeException(String cluster, String node, String why, @Nullable Throwable cause) {
    super(
        "the outcome of a write on node '"
            + node
            + "' of cluster '"
            + cluster
            + "' is unknown: "
            + why
            + ". Read whether it is there before you run it again",
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
   * Returns the node that the write was sent to.
   *
   * @return its name
   */
  public String node() {
    return node;
  }
}
