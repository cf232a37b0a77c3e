package io.headroom.sharding;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * What a shard's database knows of ids: a sequence whose increment is the block size, and the slots
 * that have moved away.
 *
 * @param name the sequence's name, checked to be plain
 */
record IdSequence(String name) {

  /** Values from {@code first} up to but not including {@code end}, for slots not moved away. */
  record Block(long first, long end, BitSet moved) {}

  void create(Connection connection, int blockSize, long maxValue) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : ddl(blockSize, maxValue)) {
        statement.execute(sql);
      }
    }
  }

  List<String> ddl(int blockSize, long maxValue) {
    return List.of(
        String.format(
            Locale.ROOT,
            "CREATE SEQUENCE IF NOT EXISTS %s AS bigint MINVALUE 1 START 1 INCREMENT BY %d MAXVALUE"
                + " %d NO CYCLE",
            name,
            blockSize,
            maxValue - blockSize),
        String.format(
            Locale.ROOT, "CREATE TABLE IF NOT EXISTS %s_moved (slot integer PRIMARY KEY)", name));
  }

  Block take(Connection connection, long maxValue) throws SQLException {
    // Two statements in this order, each with a snapshot of its own: a mark that the second does
    // not see was set after the first had its value, and so below the position carried over.
    long first = single(connection, String.format(Locale.ROOT, "SELECT nextval('%s')", name));
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                String.format(
                    Locale.ROOT,
                    "SELECT (SELECT seqincrement FROM pg_sequence WHERE seqrelid = '%s'::regclass),"
                        + " array(SELECT slot FROM %s_moved)",
                    name,
                    name))) {
      row.next();
      long end = Math.min(first + row.getLong(1), maxValue + 1);
      return new Block(first, end, slots((Integer[]) row.getArray(2).getArray()));
    }
  }

  void markMoved(Connection connection, int slot) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            String.format(
                Locale.ROOT, "INSERT INTO %s_moved VALUES (?) ON CONFLICT DO NOTHING", name))) {
      statement.setInt(1, slot);
      statement.executeUpdate();
    }
  }

  /** The first value that no block taken so far can hold. */
  long position(Connection connection) throws SQLException {
    return single(
        connection,
        String.format(
            Locale.ROOT,
            "SELECT last_value + (SELECT seqincrement FROM pg_sequence WHERE seqrelid ="
                + " '%s'::regclass) FROM %s",
            name,
            name));
  }

  void liftAbove(Connection connection, long position, int arrived) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      // Any ALTER SEQUENCE holds back nextval until the commit; setval alone could be overtaken
      // by one and then put the sequence back.
      statement.execute(String.format(Locale.ROOT, "ALTER SEQUENCE %s NO CYCLE", name));
      long own = single(connection, "SELECT last_value FROM " + name);
      if (own < position) {
        statement.execute(String.format(Locale.ROOT, "SELECT setval('%s', %d)", name, position));
      }
      statement.execute(
          String.format(Locale.ROOT, "DELETE FROM %s_moved WHERE slot = %d", name, arrived));
      connection.commit();
    } catch (SQLException | RuntimeException failure) {
      connection.rollback();
      throw failure;
    }
  }

  private static BitSet slots(Integer[] numbers) {
    BitSet slots = new BitSet();
    for (int number : numbers) {
      slots.set(number);
    }
    return slots;
  }

  private static long single(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
