package io.headroom.sharding;

import java.sql.SQLException;

/** What is done with something that JDBC is behind: a connection, a shard's session, a run. */
@FunctionalInterface
interface SqlFunction<T, R> {
  R apply(T with) throws SQLException;
}
