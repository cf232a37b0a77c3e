package io.headroom.sharding;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Makes one object of the row that a result set stands on. Called on the threads of a {@link
 * Scatter}, so safe for use by many threads.
 *
 * @param <T> what it makes
 */
@FunctionalInterface
public interface RowReader<T> {

  /**
   * Reads the current row, and does not move to another.
   *
   * @param row the result set
   * @return what the row says
   * @throws SQLException if it can't be read
   */
  T read(ResultSet row) throws SQLException;
}
