package io.headroom.jdbc;

import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Where a {@link LazyConnection} gets its physical connection from, once it needs one.
 *
 * <p>Sources are made of sources: a sharded one asks the source of a shard, which asks a pool. Each
 * adds its hooks to the {@link Binding} on the way back, and the connection in it stays the
 * physical one:
 *
 * <pre>{@code
 * ConnectionSource shard = ConnectionSource.of(hikariPool);
 * ConnectionSource counted = request -> shard.bind(request).within(new CommitCounter());
 * }</pre>
 *
 * <p>Implementations are safe for use by many threads.
 */
@FunctionalInterface
public interface ConnectionSource {

  /**
   * Takes a physical connection. The caller closes it exactly once and then calls {@link
   * ConnectionHooks#onClose()} exactly once. An implementation that throws has returned whatever it
   * took.
   *
   * @param request what is known of the work to come
   * @return the physical connection and the hooks of every layer it came through
   * @throws SQLException if there is none to give
   */
  Binding bind(BindRequest request) throws SQLException;

  /**
   * The source behind a data source: the data source itself where it is a {@code ConnectionSource}
   * (every {@link LazyDataSource} is), so that proxies never stack, else one that calls {@link
   * DataSource#getConnection()}.
   *
   * @param dataSource a pool, or any other data source
   * @return its source
   */
  static ConnectionSource of(DataSource dataSource) {
    return dataSource instanceof ConnectionSource source ? source : new PoolSource(dataSource);
  }
}
