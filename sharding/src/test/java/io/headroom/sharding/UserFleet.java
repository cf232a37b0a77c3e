package io.headroom.sharding;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Users, spread by their ids over a fleet of real pools, and notes; for tests of scatters. */
final class UserFleet implements AutoCloseable {

  static final int USERS = 900;

  /** A row of the table users. */
  record User(long id, String name) {
    static User read(java.sql.ResultSet row) throws SQLException {
      return new User(row.getLong(1), row.getString(2));
    }
  }

  final ShardPoolFleet pools;
  final ShardRouter<Long> router;

  private UserFleet(ShardPoolFleet pools) {
    this.pools = pools;
    this.router = ShardRouter.forLongs(pools.map());
  }

  static UserFleet over(PostgresExtension postgres) throws SQLException {
    UserFleet fleet = new UserFleet(ShardPoolFleet.over(postgres, 4));
    fleet.load();
    return fleet;
  }

  private void load() throws SQLException {
    pools.onAll(
        "CREATE TABLE users (user_id bigint PRIMARY KEY, name text NOT NULL)",
        "CREATE TABLE notes (note int)");
    try (ShardedDataSource loading = source()) {
      for (Map.Entry<Shard, List<Long>> group :
          router.group(LongStream.range(0, USERS).boxed().toList()).entrySet()) {
        try (Connection connection = loading.forShard(group.getKey().id()).getConnection();
            PreparedStatement insert =
                connection.prepareStatement("INSERT INTO users VALUES (?, ?)")) {
          for (long id : group.getValue()) {
            insert.setLong(1, id);
            insert.setString(2, "user-" + (id % 2 == 0 ? "a" : "B") + id);
            insert.addBatch();
          }
          insert.executeBatch();
        }
      }
    }
  }

  ShardedDataSource source() {
    return ShardedDataSource.builder(router).dataSources(pools.pools()).build();
  }

  long firstKeyOf(String shard) {
    return LongStream.range(0, USERS)
        .filter(id -> router.shardFor(id).id().equals(shard))
        .findFirst()
        .orElseThrow();
  }

  /** A query of one row a shard, which takes so long on one of them. */
  String sleepOn(String shard, int seconds) {
    return "SELECT count(*), pg_sleep(CASE WHEN EXISTS (SELECT FROM users WHERE user_id = "
        + firstKeyOf(shard)
        + ") THEN "
        + seconds
        + " ELSE 0 END) FROM users";
  }

  /** Nothing is lent any more, and nobody meets a cancel that was meant for another. */
  void assertSound() throws SQLException {
    pools.assertNothingLeaked();
    for (int i = 0; i < 4; i++) {
      pools.onAll("SELECT pg_sleep(0.01)");
    }
  }

  @Override
  public void close() {
    pools.close();
  }
}
