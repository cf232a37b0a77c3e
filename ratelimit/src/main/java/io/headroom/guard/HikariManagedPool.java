package io.headroom.guard;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A HikariCP pool. The only class here that needs HikariCP. */
final class HikariManagedPool implements ManagedPool {

  /** HikariCP's own. */
  private static final int DEFAULT_SIZE = 10;

  private final DataSource dataSource;
  private final HikariDataSource hikari;

  /** How many it keeps idle as it was set up; 1 at least, see {@link #resize}. */
  private final int mostIdle;

  private HikariManagedPool(DataSource dataSource, HikariDataSource hikari) {
    this.dataSource = dataSource;
    this.hikari = hikari;
    // Unless set, it is as many as there are, which HikariCP works out when it starts.
    int idle = hikari.getMinimumIdle();
    this.mostIdle = idle < 0 ? hikari.getMaximumPoolSize() : Math.max(1, idle);
  }

  static ManagedPool of(DataSource dataSource) {
    HikariDataSource hikari;
    try {
      hikari = within(dataSource);
    } catch (NoClassDefFoundError absent) {
      hikari = null;
    }
    if (hikari == null) {
      throw new IllegalArgumentException(
          dataSource
              + " is no HikariCP pool, which would tell its size: give"
              + " ManagedPool.ofSize(dataSource, size), or a ManagedPool of your own");
    }
    return new HikariManagedPool(dataSource, hikari);
  }

  private static @Nullable HikariDataSource within(DataSource dataSource) {
    if (dataSource instanceof HikariDataSource hikari) {
      return hikari;
    }
    try {
      return dataSource.isWrapperFor(HikariDataSource.class)
          ? dataSource.unwrap(HikariDataSource.class)
          : null;
    } catch (SQLException | RuntimeException | AbstractMethodError e) {
      return null;
    }
  }

  @Override
  public DataSource dataSource() {
    return dataSource;
  }

  @Override
  public int maximumSize() {
    int size = hikari.getMaximumPoolSize();
    return size < 1 ? DEFAULT_SIZE : size; // it is not set, and the pool not started
  }

  /**
   * HikariCP knows no maximum of 0; with no minimum to keep idle, it opens none until one is asked
   * for. The maximum is lowered before connections are closed, or it would open others for them;
   * and one at least is kept idle otherwise, or a caller who looks for one at the very moment in
   * which it goes would wait in vain, since HikariCP opens one only as long as there is room, and
   * afterwards only for what it is to keep idle.
   *
   * <p>It has no way to close so many of the idle ones. So all go, and are opened again when they
   * are needed, one by one; those in use are closed when they come back.
   */
  @Override
  public void resize(int size) {
    hikari.setMinimumIdle(Math.min(size, mostIdle));
    HikariPoolMXBean bean = hikari.getHikariPoolMXBean();
    if (bean == null) {
      return; // it is not started yet, and makes its queues by the maximum when it is
    }
    hikari.setMaximumPoolSize(Math.max(1, size));
    if (bean.getTotalConnections() > size) {
      bean.softEvictConnections();
    }
  }

  @Override
  public void resize(int size, Connection returned) {
    hikari.setMinimumIdle(Math.min(size, mostIdle));
    hikari.setMaximumPoolSize(Math.max(1, size));
    hikari.evictConnection(returned);
    resize(size);
  }

  @Override
  public int open() {
    HikariPoolMXBean bean = hikari.getHikariPoolMXBean();
    return bean == null ? 0 : bean.getTotalConnections();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HikariManagedPool that && that.hikari == hikari;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(hikari);
  }

  @Override
  public String toString() {
    return hikari.toString();
  }
}
