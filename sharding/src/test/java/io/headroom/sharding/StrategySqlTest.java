package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.KeyType;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Java and PostgreSQL compute one slot for one key, by every strategy, with pins and without. */
class StrategySqlTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static final int KEYS = 4_000;
  private static final long SEED = 20_251_122L;

  private final Random random = new Random(SEED);

  @Test
  void hashedIntegers() throws SQLException {
    ShardMap map = ShardMap.of("a", "b", "c");
    check(ShardRouter.forLongs(map), "bigint", longs());
    check(
        ShardRouter.forLongs(map.withPin(0L, "b").withPin(-1L, "c").withPin(Long.MIN_VALUE, "a")),
        "bigint",
        longs());
  }

  @Test
  void hashedText() throws SQLException {
    ShardMap map = ShardMap.of("a", "b", "c");
    check(ShardRouter.forStrings(map), "text", texts());
    ShardMap pinned = map;
    for (String key : List.of("", "O'Hara", "a\\b", "\\'", "grün", "😀", "nul\0", "x")) {
      pinned = pinned.withPin(key, "b");
    }
    check(ShardRouter.forStrings(pinned.withPin(5L, "a")), "text", texts());
  }

  @Test
  void hashedUuids() throws SQLException {
    List<UUID> keys = new ArrayList<>(List.of(new UUID(0, 0), new UUID(-1, -1)));
    while (keys.size() < KEYS) {
      keys.add(new UUID(random.nextLong(), random.nextLong()));
    }
    ShardMap map = ShardMap.of("a", "b", "c");
    check(ShardRouter.forUuids(map), "uuid", keys);
    check(ShardRouter.forUuids(map.withPin(keys.get(7), "c")), "uuid", keys);
  }

  @Test
  void hashedBytes() throws SQLException {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      byte[] key = new byte[i % 65];
      random.nextBytes(key);
      keys.add(key);
    }
    ShardStrategy<byte[]> hashed = ShardStrategy.hashed(KeyType.BYTES);
    ShardMap map = ShardMap.of("a", "b").withPin(keys.get(0), "a").withPin(keys.get(30), "b");
    check(ShardRouter.builder(hashed).map(map).build(), "bytea", keys);
  }

  @Test
  void longRanges() throws SQLException {
    LongRanges closed =
        ShardStrategy.longRanges()
            .between(1001, 2000, "b")
            .between(-500, 1000, "a")
            .between(2001, 2001, "c")
            .build();
    ShardRouter<Long> router =
        ShardRouter.builder(closed).map(closed.initialMap().withPin(99_999L, "a")).build();
    check(router, "bigint", longs());
    LongRanges open =
        ShardStrategy.longRanges().atMost(-1, "a").between(0, 9, "b").atLeast(10, "c").build();
    check(ShardRouter.builder(open).map(open.initialMap()).build(), "bigint", longs());
  }

  @Test
  void textRanges() throws SQLException {
    TextRanges open =
        ShardStrategy.textRanges()
            .lessThan("N", "a")
            .between("N", "n", "b")
            .between("n", "\uffff", "c")
            .between("\uffff", "😀", "d")
            .atLeast("😀", "e")
            .build();
    check(ShardRouter.builder(open).map(open.initialMap()).build(), "text", texts());
    TextRanges closed =
        ShardStrategy.textRanges().between("O'", "m\\", "a").between("m\\", "z", "b").build();
    check(
        ShardRouter.builder(closed).map(closed.initialMap().withPin("é", "b")).build(),
        "text",
        texts());
  }

  @Test
  void modulo() throws SQLException {
    for (int divisor : new int[] {1, 10, 16, 1_000_003}) {
      List<String> owners = new ArrayList<>();
      for (int i = 0; i < divisor; i++) {
        owners.add("shard-" + i % 7);
      }
      ShardMap map = ShardMap.ofOwners(owners).withPin(3L, "shard-0");
      check(ShardRouter.builder(ShardStrategy.modulo(divisor)).map(map).build(), "bigint", longs());
    }
  }

  @Test
  void directory() throws SQLException {
    ShardMap map = ShardMap.of("a", "b").withPin(5L, "a").withPin(-7L, "b").withPin("x", "b");
    ShardStrategy<Long> directory = ShardStrategy.directory(KeyType.INTEGER);
    check(ShardRouter.builder(directory).map(map).build(), "bigint", longs());
    check(ShardRouter.builder(directory).map(ShardMap.of("a")).build(), "bigint", longs());
  }

  @Test
  void slotInId() throws SQLException {
    ShardMap map = ShardMap.of("a", "b", "c").withPin(16_384L, "b");
    check(ShardRouter.builder(ShardStrategy.slotInId()).map(map).build(), "bigint", longs());
  }

  private record Customer(String region, Object id) {}

  @Test
  void regionFirst() throws SQLException {
    ShardMap map =
        ShardMap.builder()
            .regions("eu", "us", "o'x")
            .slots(64)
            .shard(Shard.of("e1").withRegion("eu"))
            .shard(Shard.of("u1").withRegion("us"))
            .shard(Shard.of("u2").withRegion("us"))
            .shard(Shard.of("x1").withRegion("o'x"))
            .build()
            .withPin(7L, "u2");
    ShardStrategy<Customer> strategy =
        ShardStrategy.regionFirst(KeyType.INTEGER, Customer::region, Customer::id);
    ShardRouter<Customer> router = ShardRouter.builder(strategy).map(map).build();
    List<Customer> customers = new ArrayList<>();
    for (long id : longs()) {
      customers.add(new Customer(List.of("eu", "us", "o'x", "mars").get((int) (id & 3)), id));
    }
    String sql = "SELECT " + router.slotSql("r", "k") + " FROM (SELECT ?::text r, ?::bigint k) t";
    try (Connection connection = postgres.dataSource(0).getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (Customer customer : customers) {
        statement.setString(1, customer.region());
        statement.setObject(2, customer.id());
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          assertThat(slot(row, 1)).isEqualTo(javaSlot(router::slotFor, customer));
        }
      }
    }
    assertThatThrownBy(() -> router.slotSql("k")).hasMessageContaining("2 column(s)");
  }

  @Test
  void expressionsStandAsColumnsToo() throws SQLException {
    ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.modulo(10))
            .map(ShardMap.ofOwners(java.util.Collections.nCopies(10, "a")))
            .build();
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT " + router.slotSql("3 + 4"))) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(7);
    }
    assertThatThrownBy(() -> router.slotSql(" ")).hasMessageContaining("blank");
    assertThatThrownBy(router::slotSql).hasMessageContaining("1 column(s)");
  }

  /** Text in which the session reads backslashes as escapes must not change what is compared. */
  @Test
  void literalsMeanTheSameWithoutStandardConformingStrings() throws SQLException {
    ShardRouter<String> router =
        ShardRouter.forStrings(ShardMap.of("a", "b").withPin("a\\b", "a").withPin("\\'", "b"));
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SET standard_conforming_strings = off");
      for (String key : List.of("a\\b", "\\'", "ab", "'")) {
        String literal = "E'" + key.replace("\\", "\\\\").replace("'", "\\'") + "'";
        try (ResultSet row =
            statement.executeQuery(
                "SELECT " + router.slotSql("k") + " FROM (SELECT " + literal + "::text k) t")) {
          row.next();
          assertThat(row.getInt(1)).isEqualTo(router.slotFor(key));
        }
      }
    }
  }

  private <K> void check(ShardRouter<K> router, String type, List<K> keys) throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS keys");
      statement.execute("CREATE TEMP TABLE keys (i int, k " + type + ")");
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO keys VALUES (?, ?)")) {
        for (int i = 0; i < keys.size(); i++) {
          insert.setInt(1, i);
          insert.setObject(2, keys.get(i));
          insert.addBatch();
        }
        insert.executeBatch();
      }
      int rows = 0;
      try (ResultSet row =
          statement.executeQuery("SELECT i, " + router.slotSql("k") + " FROM keys")) {
        while (row.next()) {
          K key = keys.get(row.getInt(1));
          assertThat(slot(row, 2)).as("slot of %s", key).isEqualTo(javaSlot(router::slotFor, key));
          rows++;
        }
      }
      assertThat(rows).isEqualTo(keys.size());
      try (ResultSet row =
          statement.executeQuery("SELECT " + router.slotSql("NULL::" + type) + "::int")) {
        row.next();
        assertThat(slot(row, 1)).as("slot of NULL").isEqualTo(-1);
      }
    }
  }

  private static int slot(ResultSet row, int column) throws SQLException {
    int slot = row.getInt(column);
    return row.wasNull() ? -1 : slot;
  }

  private static <K> int javaSlot(ToIntFunction<K> slot, K key) {
    try {
      return slot.applyAsInt(key);
    } catch (UnknownKeyException e) {
      return -1;
    }
  }

  private List<Long> longs() {
    List<Long> keys =
        new ArrayList<>(List.of(Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, -1L << 32, 99_999L));
    for (long key = -1_000; key <= 2_100; key++) {
      keys.add(key);
    }
    while (keys.size() < KEYS) {
      keys.add(random.nextLong());
    }
    return keys;
  }

  private List<String> texts() {
    List<String> keys =
        new ArrayList<>(
            List.of(
                "", "O'Hara", "a\\b", "\\'", "grün", "😀", "x", "é", "\uffff", "\ue000", "m\\"));
    while (keys.size() < KEYS) {
      keys.add(
          random
              .ints(random.nextInt(20), 1, Character.MAX_CODE_POINT)
              .map(c -> random.nextBoolean() ? 1 + c % 127 : c)
              .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString());
    }
    return keys;
  }
}
