package io.headroom.guard;

import java.util.Objects;
import javax.sql.DataSource;

/**
 * A pool of which nothing is known but its size.
 *
 * @param dataSource the pool
 * @param maximumSize how many connections it has at most
 */
record FixedPool(DataSource dataSource, int maximumSize) implements ManagedPool {

  FixedPool {
    Objects.requireNonNull(dataSource, "dataSource must not be null");
    if (maximumSize < 1) {
      throw new IllegalArgumentException("size must be at least 1, was " + maximumSize);
    }
  }
}
