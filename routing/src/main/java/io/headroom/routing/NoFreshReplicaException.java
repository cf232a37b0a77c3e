package io.headroom.routing;

import io.headroom.RetryLater;
import java.io.Serial;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * No copy fresh enough can take the read: the replicas are behind or gone, and the primary takes no
 * more reads for them. Nothing was sent.
 *
 * <p>Try again after {@link #retryAfter}, or ask for less: {@link Consistency#orStale}.
 */
public final class NoFreshReplicaException extends SQLTransientConnectionException
    implements RetryLater {

  /** The SQLSTATE, of our own. */
  public static final String SQL_STATE = "RTF01";

  @Serial private static final long serialVersionUID = 1L;

  /** The cluster. */
  private final String cluster;

  /** Why. */
  private final RouteReason reason;

  /** When to try again. */
  private final Duration retryAfter;

  NoFreshReplicaException(
      String cluster,
      RouteReason reason,
      Consistency asked,
      String why,
      Duration retryAfter,
      @Nullable SQLException cause) {
    super(
        "cluster '"
            + cluster
            + "' has no copy for a read that asks for "
            + asked
            + ": "
            + why
            + ". Nothing was sent: try again in "
            + millis(retryAfter)
            + " ms"
            + (asked.allowsStale() || asked.isLimited() || reason == RouteReason.REFUSED_NO_PRIMARY
                ? ""
                : ", or let the read be stale with Consistency.orStale()"),
        SQL_STATE,
        cause);
    this.cluster = cluster;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  /** Rounded up: not sooner than said. */
  private static long millis(Duration duration) {
    return duration.plusNanos(999_999).toMillis();
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
   * Returns why the primary did not take the read.
   *
   * @return one of the reasons whose name begins with REFUSED
   */
  public RouteReason reason() {
    return reason;
  }

  /**
   * Returns when it is worth trying again.
   *
   * @return the time until then, more than zero
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}
