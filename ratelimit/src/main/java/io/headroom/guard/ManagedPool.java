package io.headroom.guard;

import java.sql.Connection;
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
   * Changes how many connections it has at most. Idle ones beyond that are closed, soon but not
   * waited for, and those in use as soon as they are idle. Asked by a guard with a {@link
   * PoolBudget}, which lets nobody take more than that, and never makes it fewer than are in use.
   *
   * @param size 0 to the size that it had at first; with 0, nobody takes a connection, and the pool
   *     opens none by itself
   * @throws UnsupportedOperationException if it can't be changed
   */
  default void resize(int size) {
    throw new UnsupportedOperationException(
        this + " cannot be resized: implement ManagedPool.resize for it");
  }

  /**
   * Changes the size as {@link #resize(int)} does, to one fewer, just after a connection was given
   * back, which is the one to close then: so nothing is closed that somebody uses. Unless
   * overridden it leaves the choice to the pool.
   *
   * @param size 0 or more
   * @param returned as the pool gave it out, and closed by who used it; the pool may have given it
   *     to another meanwhile
   * @throws UnsupportedOperationException if the size can't be changed
   */
  default void resize(int size, Connection returned) {
    resize(size);
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
