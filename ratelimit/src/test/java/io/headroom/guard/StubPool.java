package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * A pool that counts, and keeps to its size strictly: it opens a connection when it has no idle
 * one, and fails if it has no room for it. Thread-safe.
 */
final class StubPool implements ManagedPool {

  private final int first;
  private int size;
  private int borrowed;
  private int idle;
  private int opened;
  private int mostOpen;

  StubPool(int size) {
    this.first = size;
    this.size = size;
  }

  /** Takes a connection. */
  synchronized void take() throws SQLException {
    if (idle > 0) {
      idle--;
    } else if (open() >= size) {
      throw new SQLException(open() + " of " + size + " connections are open, and none is idle");
    } else {
      opened++;
      mostOpen = Math.max(mostOpen, open() + 1);
    }
    borrowed++;
  }

  synchronized void giveBack() {
    borrowed--;
    idle++;
  }

  @Override
  public synchronized int open() {
    return borrowed + idle;
  }

  synchronized int borrowed() {
    return borrowed;
  }

  synchronized int size() {
    return size;
  }

  /** How many it has opened in all its time. */
  synchronized int opened() {
    return opened;
  }

  @Override
  public int maximumSize() {
    return first;
  }

  @Override
  public synchronized void resize(int to) {
    assertThat(to).as("in use are %s", borrowed).isGreaterThanOrEqualTo(borrowed);
    size = to;
    idle = Math.min(idle, size - borrowed);
  }

  /** What comes back of it, for those who do not look at it. */
  static Connection connection() {
    return (Connection)
        Proxy.newProxyInstance(
            StubPool.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> null);
  }

  @Override
  public DataSource dataSource() {
    return dataSource;
  }

  /** Nobody asks it: tests take from the pool itself. */
  private final DataSource dataSource =
      (DataSource)
          Proxy.newProxyInstance(
              StubPool.class.getClassLoader(),
              new Class<?>[] {DataSource.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "isWrapperFor" -> false;
                    case "toString" -> "stub";
                    default -> throw new SQLException("there is nothing to " + method.getName());
                  });
}
