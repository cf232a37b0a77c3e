package io.headroom.guard;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A HikariCP pool. The only class here that needs HikariCP. */
final class HikariManagedPool implements ManagedPool {

  private final DataSource dataSource;
  private final HikariDataSource hikari;

  private HikariManagedPool(DataSource dataSource, HikariDataSource hikari) {
    this.dataSource = dataSource;
    this.hikari = hikari;
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
    return hikari.getMaximumPoolSize();
  }

  @Override
  public void resize(int size) {
    hikari.setMaximumPoolSize(size);
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
