package io.headroom.sharding;

import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of an update on one shard.
 *
 * @param shardId the shard
 * @param status whether it was done
 * @param updatedRows how many rows it says it changed, 0 unless DONE
 * @param failure why it is not known to be done; null if it is DONE
 */
public record ShardOutcome(
    String shardId, Status status, long updatedRows, @Nullable SQLException failure) {

  /** Whether an update was done. */
  public enum Status {
    /** It was done and committed. */
    DONE,
    /** It was not done: nothing was sent, or the server refused it and rolled it back. */
    FAILED,
    /**
     * It was sent and then cut off, by the deadline or with its connection: the shard may have
     * committed it or not. Look, or send it again if it is idempotent.
     */
    UNKNOWN
  }

  /**
   * Checks that nothing is missing.
   *
   * @param shardId the shard
   * @param status whether it was done
   * @param updatedRows how many rows it says it changed
   * @param failure why it is not known to be done
   */
  public ShardOutcome {
    Objects.requireNonNull(shardId, "shardId must not be null");
    Objects.requireNonNull(status, "status must not be null");
  }

  static ShardOutcome done(String shardId, long updatedRows) {
    return new ShardOutcome(shardId, Status.DONE, updatedRows, null);
  }

  static ShardOutcome notDone(String shardId, boolean sent, SQLException failure) {
    return new ShardOutcome(shardId, sent ? Status.UNKNOWN : Status.FAILED, 0, failure);
  }

  /**
   * Whether the update was done and committed.
   *
   * @return true for DONE
   */
  public boolean isDone() {
    return status == Status.DONE;
  }

  /**
   * Why the update is not known to be done.
   *
   * @return the failure; empty if it is DONE
   */
  public Optional<SQLException> cause() {
    return Optional.ofNullable(failure);
  }
}
