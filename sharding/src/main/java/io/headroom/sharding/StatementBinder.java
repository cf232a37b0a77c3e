package io.headroom.sharding;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Sets the parameters of a statement, once for each shard. Called on the threads of a {@link
 * Scatter}, so safe for use by many threads.
 */
@FunctionalInterface
public interface StatementBinder {

  /**
   * Sets the parameters, and does not execute the statement.
   *
   * @param statement the statement of one shard
   * @throws SQLException if a parameter can't be set
   */
  void bind(PreparedStatement statement) throws SQLException;
}
