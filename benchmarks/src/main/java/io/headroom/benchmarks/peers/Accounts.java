package io.headroom.benchmarks.peers;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.LongToIntFunction;
import javax.sql.DataSource;

/**
 * The table that is read, and the read. Every shard holds all of its rows, so that each contender
 * may place ids in its own way and finds the same.
 */
public final class Accounts {
  /** Ids run from 0 to this, exclusive. */
  public static final int ROWS = 10_000;

  /** Reads the balance of an id. */
  public static final String SELECT = "SELECT balance FROM accounts WHERE id = ?";

  private Accounts() {}

  /**
   * Makes and fills the table.
   *
   * @param shard the database
   * @throws SQLException if it fails
   */
  public static void create(DataSource shard) throws SQLException {
    try (Connection connection = shard.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL)");
      statement.execute(
          "INSERT INTO accounts SELECT id, id FROM generate_series(0, " + (ROWS - 1) + ") AS id");
      statement.execute("VACUUM ANALYZE accounts");
    }
  }

  /**
   * Borrow, prepare, execute, next, getLong, close.
   *
   * @param shards who finds the shard
   * @param id of the account
   * @return its balance, which is its id
   * @throws SQLException if it fails
   */
  public static long balance(ShardAccess shards, long id) throws SQLException {
    try (Connection connection = shards.connectionFor(id);
        PreparedStatement statement = connection.prepareStatement(SELECT)) {
      statement.setLong(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /**
   * Ids of which the first is on the first shard, the second on the second, and round again.
   *
   * @param count how many
   * @param shards over how many
   * @param shardOf where an id is
   * @return the ids
   */
  public static long[] idsInTurn(int count, int shards, LongToIntFunction shardOf) {
    long[] ids = new long[count];
    long id = -1;
    for (int i = 0; i < count; i++) {
      do {
        id++;
      } while (shardOf.applyAsInt(id) != i % shards);
      ids[i] = id;
    }
    return ids;
  }
}
