package io.headroom.sharding;

import io.headroom.RetryLater;
import java.io.Serial;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

/**
 * The slot of the key is at its cut-over from one shard to another: for a moment neither serves it.
 *
 * <p>Nothing was sent anywhere. Wait for {@link #retryAfter()}, then try again on a new connection.
 * Its SQLSTATE is {@value #SQL_STATE}.
 */
public final class SlotFencedException extends SQLTransientConnectionException
    implements RetryLater {

  /** The SQLSTATE of this exception. */
  public static final String SQL_STATE = "SHM02";

  @Serial private static final long serialVersionUID = 1L;

  /** The shard that owns the slot until the cut-over. */
  private final String shardId;

  /** The fenced slot. */
  private final int slot;

  /** The epoch of the map that says so. */
  private final long mapEpoch;

  /** How long to wait. */
  private final Duration retryAfter;

  /**
   * Creates the exception.
   *
   * @param message what is fenced, and what to do
   * @param shardId the shard that owns the slot until the cut-over
   * @param slot the slot
   * @param mapEpoch the epoch of the map that says so
   * @param retryAfter how long to wait before the next try
   */
  public SlotFencedException(
      String message, String shardId, int slot, long mapEpoch, Duration retryAfter) {
    super(message, SQL_STATE);
    this.shardId = shardId;
    this.slot = slot;
    this.mapEpoch = mapEpoch;
    this.retryAfter = retryAfter;
  }

  /**
   * Returns the shard that owns the slot until the cut-over.
   *
   * @return its id
   */
  public String shardId() {
    return shardId;
  }

  /**
   * Returns the fenced slot.
   *
   * @return the slot
   */
  public int slot() {
    return slot;
  }

  /**
   * Returns the epoch of the map that says so.
   *
   * @return the epoch
   */
  public long mapEpoch() {
    return mapEpoch;
  }

  /**
   * Returns how long to wait before the next try.
   *
   * @return a fraction of a second
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}
