package io.headroom.routing;

import io.headroom.RetryLater;
import java.io.Serial;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

/**
 * There is no primary to write to now: it is gone and no replica has been promoted yet, or two
 * servers say that they are it. Nothing was sent; try the whole transaction again.
 */
public final class NoPrimaryException extends SQLTransientConnectionException
    implements RetryLater {

  /** The SQLSTATE: a connection could not be established. */
  public static final String SQL_STATE = "08001";

  @Serial private static final long serialVersionUID = 1L;

  /** The cluster without a primary. */
  private final String cluster;

  /** When to try again. */
  private final Duration retryAfter;

  /**
   * Creates the exception.
   *
   * @param cluster the data source's name
   * @param waitedNanos how long the caller was held in the hope of a primary
   * @param trouble what is known of the reason
   * @param retryAfter when to try again
   */
  NoPrimaryException(String cluster, long waitedNanos, String trouble, Duration retryAfter) {
    super(
        "cluster '"
            + cluster
            + "' has no primary: "
            + trouble
            + "; waited "
            + waitedNanos / 1_000_000
            + " ms. Nothing was sent: run the transaction again",
        SQL_STATE);
    this.cluster = cluster;
    this.retryAfter = retryAfter;
  }

  /**
   * Returns the cluster that has no primary.
   *
   * @return the data source's name
   */
  public String cluster() {
    return cluster;
  }

  /**
   * Returns when it is worth trying again: a guess, since nobody knows when there will be a
   * primary.
   *
   * @return the time that one answer of a node may take ({@code probeTimeout})
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}
