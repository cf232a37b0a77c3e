package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.KeyType;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.JDBCType;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.ShardingKey;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.ShardingKeyDataSourceAdapter;
import org.springframework.jdbc.datasource.ShardingKeyProvider;

/** JDBC 4.3's own way to name a shard, and Spring's adapter on top of it. */
class StandardShardingKeyTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static ShardPoolFleet fleet;

  private ShardRouter<Long> router;
  private ShardedDataSource sharded;

  private record Customer(String region, long id) {}

  @BeforeAll
  static void createTables() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 3);
    for (String id : fleet.pools().keySet()) {
      fleet.on(id, "CREATE TABLE whoami (shard text)", "INSERT INTO whoami VALUES ('" + id + "')");
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
    fleet.assertNothingLeaked();
  }

  private static String shardOf(Connection connection) throws SQLException {
    try (connection) {
      return ShardedDataSourceTest.shardOf(connection);
    }
  }

  private ShardingKey key(Object subkey, JDBCType type) throws SQLException {
    return sharded.createShardingKeyBuilder().subkey(subkey, type).build();
  }

  @Test
  void aConnectionIsBuiltForAShardingKey() throws SQLException {
    for (long key = 0; key < 20; key++) {
      ShardingKey shardingKey = key(key, JDBCType.BIGINT);
      assertThat(shardOf(sharded.createConnectionBuilder().shardingKey(shardingKey).build()))
          .isEqualTo(router.shardFor(key).id());
      assertThat(ShardedDataSourceTest.shardOf(sharded.forKey(shardingKey)))
          .isEqualTo(router.shardFor(key).id());
    }
    assertThat(key(5, JDBCType.INTEGER))
        .isEqualTo(key(5, JDBCType.BIGINT))
        .hasToString("ShardingKey[5]");
  }

  @Test
  void springsAdapterAndTemplateWorkUnchanged() throws SQLException {
    AtomicLong current = new AtomicLong();
    ShardingKeyDataSourceAdapter adapter = new ShardingKeyDataSourceAdapter(sharded);
    adapter.setShardingKeyProvider(
        new ShardingKeyProvider() {
          @Override
          public ShardingKey getShardingKey() throws SQLException {
            return key(current.get(), JDBCType.BIGINT);
          }

          @Override
          public ShardingKey getSuperShardingKey() {
            return null;
          }
        });
    JdbcTemplate jdbc = new JdbcTemplate(adapter);
    for (long key = 0; key < 20; key++) {
      current.set(key);
      assertThat(jdbc.queryForObject("SELECT shard FROM whoami", String.class))
          .isEqualTo(router.shardFor(key).id());
    }
    int slot = router.slotFor(current.get());
    String owner = router.shardFor(current.get()).id();
    router.update(router.map().startMove(slot, owner.equals("s0") ? "s1" : "s0").fence(slot));
    assertThatThrownBy(() -> jdbc.queryForObject("SELECT shard FROM whoami", String.class))
        .as("Spring takes a fence for what can be retried")
        .isInstanceOf(TransientDataAccessException.class)
        .hasRootCauseInstanceOf(SlotFencedException.class);
  }

  @Test
  void withoutAKeyItIsAPlainConnection() throws SQLException {
    assertThatThrownBy(() -> shardOf(sharded.createConnectionBuilder().build()))
        .isInstanceOf(MissingShardKeyException.class);
    try (ShardScope scope = sharded.open(42L)) {
      assertThat(shardOf(sharded.createConnectionBuilder().build())).isEqualTo(scope.shardId());
    }
  }

  @Test
  void aCompositeKeyIsForRegionsOnly() throws SQLException {
    ShardingKey composite =
        sharded
            .createShardingKeyBuilder()
            .subkey("eu", JDBCType.VARCHAR)
            .subkey(42L, JDBCType.BIGINT)
            .build();
    assertThatThrownBy(() -> sharded.createConnectionBuilder().shardingKey(composite).build())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("2 subkeys")
        .hasMessageContaining("regionFirst");
  }

  @Test
  void aRegionIsTheFirstSubkeyOrTheSuperShardingKey() throws SQLException {
    ShardMap map =
        ShardMap.builder()
            .regions("eu", "us")
            .shard(Shard.of("s0").withRegion("eu"))
            .shard(Shard.of("s1").withRegion("us"))
            .shard(Shard.of("s2").withRegion("us"))
            .pin(7L, "s2")
            .build();
    ShardRouter<Customer> customers =
        ShardRouter.<Customer>builder(
                ShardStrategy.regionFirst(KeyType.INTEGER, Customer::region, Customer::id))
            .map(map)
            .build();
    ShardedDataSource regional =
        ShardedDataSource.builder(customers).dataSources(fleet.pools()).build();
    for (String region : new String[] {"eu", "us"}) {
      for (long id = 0; id < 20; id++) {
        String owner = customers.shardFor(new Customer(region, id)).id();
        ShardingKey both =
            regional
                .createShardingKeyBuilder()
                .subkey(region, JDBCType.VARCHAR)
                .subkey(id, JDBCType.BIGINT)
                .build();
        assertThat(shardOf(regional.createConnectionBuilder().shardingKey(both).build()))
            .isEqualTo(owner);
        assertThat(
                shardOf(
                    regional
                        .createConnectionBuilder()
                        .superShardingKey(key(region, JDBCType.VARCHAR))
                        .shardingKey(key(id, JDBCType.BIGINT))
                        .build()))
            .isEqualTo(owner);
        assertThat(ShardedDataSourceTest.shardOf(regional.forKey(new Customer(region, id))))
            .isEqualTo(owner);
      }
    }
    assertThatThrownBy(
            () ->
                regional
                    .createConnectionBuilder()
                    .superShardingKey(key("moon", JDBCType.VARCHAR))
                    .shardingKey(key(1L, JDBCType.BIGINT))
                    .build())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("moon");
    assertThatThrownBy(
            () ->
                regional
                    .createConnectionBuilder()
                    .superShardingKey(key("eu", JDBCType.VARCHAR))
                    .build())
        .hasMessageContaining("without a shardingKey");
  }

  @Test
  void subkeysThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> key(null, JDBCType.BIGINT)).hasMessageContaining("must not be null");
    assertThatThrownBy(() -> key(5L, JDBCType.VARCHAR))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("java.lang.Long of SQL type VARCHAR");
    assertThatThrownBy(() -> key("a", JDBCType.BIGINT)).hasMessageContaining("String");
    assertThatThrownBy(() -> key(new byte[1], JDBCType.BIGINT)).hasMessageContaining("byte[]");
    assertThatThrownBy(() -> key(1.5, JDBCType.DOUBLE)).hasMessageContaining("java.lang.Double");
    assertThatThrownBy(() -> key(UUID.randomUUID(), JDBCType.BIGINT)).hasMessageContaining("UUID");
    assertThatThrownBy(() -> sharded.createShardingKeyBuilder().build())
        .hasMessageContaining("needs a subkey");
    assertThatThrownBy(
            () ->
                sharded
                    .createConnectionBuilder()
                    .shardingKey(key("alice", JDBCType.VARCHAR))
                    .build())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("Long");
  }

  @Test
  void keysOfOtherTypesHaveTheirOwnSqlTypes() throws SQLException {
    UUID uuid = new UUID(0, 1);
    assertThat(key(uuid, JDBCType.OTHER)).hasToString("ShardingKey[" + uuid + "]");
    byte[] bytes = {1, 2, 3};
    ShardRouter<byte[]> byBytes =
        ShardRouter.builder(ShardStrategy.<byte[]>hashed(KeyType.BYTES)).map(fleet.map()).build();
    assertThat(((StandardShardingKey) key(bytes, JDBCType.VARBINARY)).slotIn(byBytes.snapshot()))
        .isEqualTo(byBytes.slotFor(bytes.clone()));
    assertThat(key("alice", JDBCType.CHAR)).hasToString("ShardingKey[alice]");
  }

  @Test
  void foreignKeysAndUsersAreRefused() {
    ShardingKey foreign = new ShardingKey() {};
    assertThatThrownBy(() -> sharded.createConnectionBuilder().shardingKey(foreign).build())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("createShardingKeyBuilder()");
    assertThatThrownBy(
            () -> sharded.createConnectionBuilder().user("alice").password("secret").build())
        .isInstanceOf(SQLFeatureNotSupportedException.class)
        .hasMessageContaining("alice");
  }
}
