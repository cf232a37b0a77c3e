package io.headroom.sharding;

import java.io.Serial;
import java.sql.SQLNonTransientException;

/**
 * A statement was about to run on a {@link ShardedDataSource} that nobody told which shard to use.
 *
 * <p>Nothing was sent anywhere. Its SQLSTATE is {@value #SQL_STATE}. It is a mistake in the program
 * and no connection has failed, so neither class nor state says so: Spring makes it an {@code
 * UncategorizedSQLException}, which nothing retries.
 */
public final class MissingShardKeyException extends SQLNonTransientException {

  /** The SQLSTATE of this exception. */
  public static final String SQL_STATE = "SHK01";

  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message which data source was asked, and how to give it a key
   */
  public MissingShardKeyException(String message) {
    super(message, SQL_STATE);
  }
}
