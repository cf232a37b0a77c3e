package io.headroom.sharding;

import java.io.Serial;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * The shard said that the slot is not, or no longer, its own: this instance's map is behind.
 *
 * <p>A fence on the shard (a trigger, say) raises SQLSTATE {@value #SQL_STATE}, and nothing of the
 * transaction is kept. By the time the caller sees this exception the router has read its store;
 * roll back and run the whole transaction again on a new connection:
 *
 * <pre>{@code
 * for (int attempt = 1; ; attempt++) {
 *   try (Connection connection = sharded.forKey(userId).getConnection()) {
 *     return placeOrder(connection);
 *   } catch (StaleShardMapException stale) {
 *     if (attempt == 3) {
 *       throw stale;
 *     }
 *   }
 * }
 * }</pre>
 */
public final class StaleShardMapException extends SQLTransientConnectionException {

  /** The SQLSTATE that a fence raises, and of this exception. */
  public static final String SQL_STATE = "SHM01";

  @Serial private static final long serialVersionUID = 1L;

  /** The shard that refused. */
  private final String shardId;

  /** The slot of the key, or -1. */
  private final int slot;

  /** The epoch of the map that led there. */
  private final long mapEpoch;

  /**
   * Creates the exception.
   *
   * @param message what happened on which shard, and what to do
   * @param shardId the shard that refused
   * @param slot the slot of the key, -1 where the shard was picked by name
   * @param mapEpoch the epoch of the map that led to the shard
   * @param cause what the server said; null where no server was asked, since the map changed while
   *     a connection was waited for
   */
  public StaleShardMapException(
      String message, String shardId, int slot, long mapEpoch, @Nullable SQLException cause) {
    super(message, SQL_STATE, cause);
    this.shardId = shardId;
    this.slot = slot;
    this.mapEpoch = mapEpoch;
  }

  /**
   * Returns the shard that refused.
   *
   * @return its id
   */
  public String shardId() {
    return shardId;
  }

  /**
   * Returns the slot of the key.
   *
   * @return the slot, -1 where the shard was picked by name
   */
  public int slot() {
    return slot;
  }

  /**
   * Returns the epoch of the map that led to the shard, not of the one in force since.
   *
   * @return the epoch
   */
  public long mapEpoch() {
    return mapEpoch;
  }
}
