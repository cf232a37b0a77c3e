/**
 * The one lazily bound connection of Headroom; {@link io.headroom.jdbc.LazyDataSource} is where a
 * data source of your own begins.
 *
 * <p>A {@link io.headroom.jdbc.LazyConnection} takes its physical connection at the first
 * statement, so that whoever chooses it (a shard, a replica, a full pool that says no) knows by
 * then whether the work is read-only and in whose name it is done. Sharding, routing and the guard
 * all plug into this one connection with {@link io.headroom.jdbc.ConnectionHooks}; they never stack
 * proxies.
 *
 * <pre>{@code
 * final class Primary extends LazyDataSource {
 *   private final ConnectionSource pool;
 *
 *   Primary(DataSource pool) {
 *     this.pool = ConnectionSource.of(pool);
 *   }
 *
 *   @Override
 *   public Binding bind(BindRequest request) throws SQLException {
 *     return pool.bind(request).within(new CommitCounter());
 *   }
 * }
 * }</pre>
 */
@NullMarked
package io.headroom.jdbc;

import org.jspecify.annotations.NullMarked;
