package io.headroom.routing;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Something that only reads, and may be done again from its beginning: it hands nothing on but what
 * it returns.
 *
 * @param <T> what it returns
 * @param <X> what it throws beside {@link SQLException}
 */
@FunctionalInterface
public interface ReadWork<T extends @Nullable Object, X extends Exception> {

  /**
   * Reads.
   *
   * @param connection read-only, closed by the caller
   * @return what was read
   * @throws SQLException if a statement fails
   * @throws X if it does
   */
  T read(Connection connection) throws SQLException, X;
}
