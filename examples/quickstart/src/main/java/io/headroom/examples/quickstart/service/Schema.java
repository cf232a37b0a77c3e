package io.headroom.examples.quickstart.service;

import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardedIds;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The tables of every shard. The shard key {@code user_id} is inside each primary key, so that a
 * later online move by logical replication can carry updates and deletes; the user's rows of all
 * tables are colocated by it.
 */
public final class Schema {

  private static final String DDL =
      """
      CREATE TABLE users (
        user_id bigint PRIMARY KEY,
        email   text NOT NULL,
        version bigint NOT NULL DEFAULT 1
      );
      CREATE TABLE orders (
        user_id  bigint NOT NULL REFERENCES users,
        order_id bigint NOT NULL,
        placed   bigint NOT NULL,
        cents    integer NOT NULL CHECK (cents > 0),
        PRIMARY KEY (user_id, order_id),
        UNIQUE (user_id, placed)  -- an order that is placed again is the same
      );
      CREATE INDEX orders_by_time ON orders (placed DESC, order_id DESC);
      """;

  private Schema() {}

  /** Creates them, and what ids are taken from. */
  public static void create(Wiring wiring) throws SQLException {
    for (Shard shard : wiring.router().map().shards()) {
      try (Connection connection = wiring.sharded().forShard(shard.id()).getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(DDL);
      }
    }
    ShardedIds.of(wiring.sharded()).createOnEveryShard();
  }
}
