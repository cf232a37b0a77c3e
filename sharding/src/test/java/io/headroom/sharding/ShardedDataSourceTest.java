package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which shard a connection goes to, and that none goes where nobody said. */
class ShardedDataSourceTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static ShardPoolFleet fleet;

  private ShardRouter<Long> router;

  private ShardedDataSource sharded;

  @BeforeAll
  static void createTables() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 3);
    for (String id : fleet.pools().keySet()) {
      fleet.on(
          id,
          "CREATE TABLE whoami (shard text)",
          "INSERT INTO whoami VALUES ('" + id + "')",
          "CREATE TABLE users (user_id bigint PRIMARY KEY, name text)");
    }
  }

  @AfterAll
  static void closePools() {
    fleet.close();
  }

  @BeforeEach
  void open() {
    router = ShardRouter.forLongs(fleet.map());
    sharded = ShardedDataSource.builder(router).dataSources(fleet.pools()).build();
  }

  @AfterEach
  void nothingLeaks() {
    sharded.close();
    fleet.assertNothingLeaked();
  }

  static String shardOf(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return shardOf(connection);
    }
  }

  static String shardOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT shard FROM whoami")) {
      assertThat(result.next()).isTrue();
      return result.getString(1);
    }
  }

  @Test
  void aKeyGoesToTheShardThatOwnsIt() throws SQLException {
    for (long key = 0; key < 30; key++) {
      assertThat(shardOf(sharded.forKey(key))).isEqualTo(router.shardFor(key).id());
    }
    assertThat(shardOf(sharded.forKey(7))).isEqualTo(router.shardFor(7L).id()); // an Integer
  }

  @Test
  void aShardCanBePickedByName() throws SQLException {
    assertThat(shardOf(sharded.forShard("s1"))).isEqualTo("s1");
    assertThatThrownBy(() -> sharded.forShard("s9"))
        .isInstanceOf(UnknownShardException.class)
        .hasMessageContaining("s9");
  }

  @Test
  void theMapIsAskedForEachConnectionAnew() throws SQLException {
    long key = 42;
    DataSource kept = sharded.forKey(key);
    String before = shardOf(kept);
    String after = before.equals("s0") ? "s1" : "s0";
    int slot = router.slotFor(key);
    ShardMap moving = router.map().startMove(slot, after);
    router.update(moving);
    assertThat(shardOf(kept)).as("a moving slot stays with its owner").isEqualTo(before);
    Connection borrowedBefore = kept.getConnection();
    router.update(moving.completeMove(slot));
    assertThat(shardOf(kept)).isEqualTo(after);
    try (borrowedBefore) {
      assertThat(shardOf(borrowedBefore)).as("bound at its first statement").isEqualTo(after);
    }
  }

  @Test
  void aShardThatLeftTheMapIsAnErrorForWhoKeptIt() throws SQLException {
    DataSource kept = sharded.forShard("s2");
    router.update(ShardMap.builder().epoch(2).shards(shards("s0", "s1")).build());
    assertThatThrownBy(() -> shardOf(kept))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("s2")
        .hasCauseInstanceOf(UnknownShardException.class);
  }

  private static List<Shard> shards(String... ids) {
    return java.util.Arrays.stream(ids).map(Shard::of).toList();
  }

  @Test
  void keysThatCannotBeRoutedFailWhereTheyAreGiven() {
    assertThatThrownBy(() -> sharded.forKey(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("key must not be null");
    assertThatThrownBy(() -> sharded.forKey("alice"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Long")
        .hasMessageContaining("java.lang.String");
  }

  @Test
  void aKeyThatBecameUnknownIsASqlException() throws SQLException {
    ShardMap pinned = fleet.map().withPin("acme", "s1");
    ShardRouter<String> directory =
        ShardRouter.<String>builder(ShardStrategy.directory(io.headroom.KeyType.TEXT))
            .map(pinned)
            .build();
    try (ShardedDataSource tenants =
        ShardedDataSource.builder(directory).dataSources(fleet.pools()).build()) {
      DataSource acme = tenants.forKey("acme");
      assertThat(shardOf(acme)).isEqualTo("s1");
      assertThatThrownBy(() -> tenants.forKey("globex")).isInstanceOf(UnknownKeyException.class);
      directory.update(pinned.withoutPin("acme"));
      assertThatThrownBy(() -> shardOf(acme))
          .isInstanceOf(SQLException.class)
          .hasCauseInstanceOf(UnknownKeyException.class)
          .hasMessageContaining("acme");
    }
  }

  @Test
  void aStatementWithoutAKeyIsRefusedAndSaysHowToGiveOne() throws SQLException {
    try (Connection connection = sharded.getConnection()) {
      MissingShardKeyException missing =
          catchThrowableOfType(MissingShardKeyException.class, () -> shardOf(connection));
      assertThat(missing.getSQLState()).isEqualTo("SHK01");
      assertThat((Throwable) missing)
          .hasMessageContaining("forKey(key)")
          .hasMessageContaining("createConnectionBuilder()")
          .hasMessageContaining("open(key)")
          .hasMessageContaining("metadataShard");
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("PostgreSQL");
      assertThatThrownBy(() -> shardOf(connection)).isInstanceOf(MissingShardKeyException.class);
    }
  }

  @Test
  void aMetadataShardTakesKeylessReadsAndNoWrites() throws SQLException {
    try (ShardedDataSource booted =
        ShardedDataSource.builder(router).dataSources(fleet.pools()).metadataShard("s1").build()) {
      assertThat(shardOf(booted)).isEqualTo("s1");
      for (boolean autoCommit : new boolean[] {true, false}) {
        try (Connection connection = booted.getConnection()) {
          connection.setAutoCommit(autoCommit);
          assertThat(shardOf(connection)).isEqualTo("s1");
          assertThatThrownBy(() -> connection.createStatement().executeUpdate("DELETE FROM users"))
              .isInstanceOfSatisfying(
                  SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
        }
      }
      // the pool's connections were given back as they came
      fleet.on("s1", "DELETE FROM users");
      assertThat(shardOf(booted.forKey(42L))).isEqualTo(router.shardFor(42L).id());
    }
    try (ShardedDataSource writable =
            ShardedDataSource.builder(router)
                .dataSources(fleet.pools())
                .writableMetadataShard("s1")
                .build();
        Connection connection = writable.getConnection();
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("DELETE FROM users")).isZero();
    }
  }

  @Test
  void saysWhichItIs() {
    assertThat(sharded).hasToString("ShardedDataSource 'shards'");
    assertThat(sharded.forShard("s1").toString()).contains("shard 's1'");
    assertThat(sharded.forKey(42L).toString()).contains("slot " + router.slotFor(42L));
  }
}
