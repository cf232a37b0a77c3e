package io.headroom.guard;

import javax.sql.DataSource;

/**
 * A connection pool whose size can be read, and changed: what a guard knows of a pool.
 *
 * <p>{@link #of(DataSource)} makes one of a HikariCP pool. Of another pool, implement it, or tell
 * its size once:
 *
 * <pre>{@code
 * DataSource orders = guard.protect("orders", ManagedPool.ofSize(pool, 20));
 * }</pre>
 *
 * <p>Implementations are thread-safe, and quick: they are asked several times a second.
 */
public interface ManagedPool {

  /**
   * Returns the pool itself.
   *
   * @return always the same
   */
  DataSource dataSource();

  /**
   * Returns how many connections it has at most.
   *
   * @return at least 1
   */
  int maximumSize();

  /**
   * Changes how many connections it has at most. Those beyond that are closed as soon as they are
   * idle.
   *
   * @param size at least 1
   * @throws UnsupportedOperationException if it can't be changed
   */
  default void resize(int size) {
    throw new UnsupportedOperationException(
        this + " cannot be resized: implement ManagedPool.resize for it");
  }

  /**
   * Returns how many connections are open now.
   *
   * @return those in use and those idle
   * @throws UnsupportedOperationException if that is not known
   */
  default int open() {
    throw new UnsupportedOperationException(
        this + " does not tell how many connections are open: implement ManagedPool.open for it");
  }

  /**
   * A pool of a fixed size.
   *
   * @param dataSource the pool
   * @param size how many connections it has at most
   * @return it, which can't be resized
   * @throws IllegalArgumentException if the size is below 1
   */
  static ManagedPool ofSize(DataSource dataSource, int size) {
    return new FixedPool(dataSource, size);
  }

  /**
   * A HikariCP pool, by itself or within a data source that unwraps to it.
   *
   * @param dataSource the pool
   * @return it, with the size that it has at any time
   * @throws IllegalArgumentException if it is none: tell its size with {@link #ofSize}
   */
  static ManagedPool of(DataSource dataSource) {
    return HikariManagedPool.of(dataSource);
  }
}
