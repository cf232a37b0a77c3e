package io.headroom.guard;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.ConnectionSource;
import io.headroom.jdbc.LazyDataSource;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A pool behind its guard. */
final class GuardedDataSource extends LazyDataSource {

  private final PoolGuard guard;
  private final DataSource pool;
  private final ConnectionSource source;

  GuardedDataSource(PoolGuard guard) {
    this.guard = guard;
    this.pool = guard.pool().dataSource();
    this.source = ConnectionSource.of(pool);
  }

  @Override
  public Binding bind(BindRequest request) throws SQLException {
    Hold hold = guard.enter(request.context());
    boolean bound = false;
    try {
      Binding binding = source.bind(request).within(hold);
      guard.connected(hold);
      bound = true;
      return binding;
    } finally {
      if (!bound) {
        guard.failed(hold);
      }
    }
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    return type.isInstance(pool) ? type.cast(pool) : pool.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || type.isInstance(pool) || pool.isWrapperFor(type);
  }

  @Override
  public String toString() {
    return "guarded '" + guard.resource() + "'[" + pool + "]";
  }
}
