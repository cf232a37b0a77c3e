package io.headroom.sharding.patterns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headroom.sharding.JdbcShardMapStore;
import io.headroom.sharding.LongRanges;
import io.headroom.sharding.Membership;
import io.headroom.sharding.RebalancePlan;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardMapStore;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardStrategy;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.sharding.ShardedIds;
import io.headroom.sharding.ShardingMetrics;
import io.headroom.testkit.servers.PostgresExtension;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.JDBCType;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.ShardingKeyDataSourceAdapter;
import org.springframework.transaction.support.TransactionTemplate;

/** What the module's README shows, run. */
class GuideTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static final long USER = 42;

  @BeforeAll
  static void createTables() throws SQLException {
    for (int server = 0; server < 3; server++) {
      try (Connection connection = postgres.dataSource(server).getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE greeting (user_id bigint PRIMARY KEY, text text NOT NULL)");
      }
    }
  }

  @Test
  void theMapIsSharedThroughAStore() {
    DataSource routingDatabase = postgres.dataSource(0);
    // snippet: shared-map-publish
    try (JdbcShardMapStore store = ShardMapStore.jdbc(routingDatabase)) {
      store.createTable();
      store.compareAndSet(0, ShardMap.of("s0", "s1")); // once: 0 says that there was none
    }
    // end snippet

    // snippet: shared-map-follow
    ShardMapStore store = ShardMapStore.jdbc(routingDatabase);
    ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.hashedLongs()).store(store).build();
    ShardedDataSource sharded =
        ShardedDataSource.builder(router).dataSources(shard -> openPool(shard)).build();
    // end snippet

    // snippet: shared-map-rebalance
    ShardMap map = router.map();
    Membership target = map.membership().with(Shard.of("s2"));
    RebalancePlan plan = map.rebalance(target);
    System.out.println(plan.toTable()); // read it before anything moves
    boolean published = store.compareAndSet(map.epoch(), plan.start()); // slots are MOVING
    // end snippet

    assertThat(published).isTrue();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(router.map().shardCount()).isEqualTo(3));
    ShardMap moving = router.map();

    // snippet: shared-map-complete
    int[] slots = moving.movingSlots(); // a batch; copy its rows first
    ShardMap fenced = moving.fence(slots); // borrows for them are told to retry
    ShardMap done = fenced.completeMove(slots); // the new owner has them
    // end snippet

    assertThat(store.compareAndSet(moving.epoch(), fenced)).isTrue();
    assertThat(store.compareAndSet(fenced.epoch(), done)).isTrue();
    router.refresh();
    assertThat(router.map()).isEqualTo(done);
    sharded.close();
    router.close();
    store.close();
  }

  @Test
  void aRouterSaysWhoOwnsAKey() {
    long userId = USER;
    // snippet: who-owns-a-key
    ShardMap map =
        ShardMap.builder()
            .shard("s0")
            .shard(Shard.of("s1").withWeight(2)) // twice the slots, and so twice the keys
            .pin(7L, "s0") // this key lives there, wherever its hash would put it
            .build();
    ShardRouter<Long> router = ShardRouter.forLongs(map);
    String home = router.shardFor(userId).id();
    int slot = router.slotFor(userId);
    // end snippet
    assertThat(home).isEqualTo(map.ownerOf(slot).id());
    assertThat(router.shardFor(7L).id()).isEqualTo("s0");
    long slotsOfS1 =
        IntStream.range(0, map.slotCount())
            .filter(each -> map.ownerOf(each).id().equals("s1"))
            .count();
    assertThat((double) slotsOfS1 / map.slotCount()).isCloseTo(2.0 / 3, within(0.02));
    router.close();

    // snippet: ranges-in-brief
    LongRanges byId = ShardStrategy.longRanges().between(1, 1000, "s0").atLeast(1001, "s1").build();
    ShardRouter<Long> ranges = ShardRouter.builder(byId).map(byId.initialMap()).build();
    Set<Shard> asked = ranges.shardsBetween(500L, 800L); // s0 alone
    // end snippet
    assertThat(asked).extracting(Shard::id).containsExactly("s0");
    ranges.close();
  }

  @Test
  void springNeedsNoChange() {
    ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("s0", "s1", "s2"));
    ShardedDataSource sharded =
        ShardedDataSource.builder(router).dataSources(shard -> openPool(shard)).build();
    // snippet: spring-adapter
    ShardingKeyDataSourceAdapter adapter = new ShardingKeyDataSourceAdapter(sharded);
    adapter.setShardingKeyProvider(
        () -> sharded.createShardingKeyBuilder().subkey(currentUser(), JDBCType.BIGINT).build());
    JdbcTemplate jdbc = new JdbcTemplate(adapter);
    // end snippet
    jdbc.update("INSERT INTO greeting VALUES (?, 'hello')", USER);

    // snippet: spring-transaction
    TransactionTemplate inTransaction =
        new TransactionTemplate(new DataSourceTransactionManager(sharded));
    String update = "UPDATE greeting SET text = 'good morning'";
    inTransaction.execute(
        transaction -> sharded.call(currentUser(), () -> new JdbcTemplate(sharded).update(update)));
    // end snippet
    String home = router.shardFor(USER).id();
    assertThat(
            new JdbcTemplate(sharded.forShard(home))
                .queryForObject("SELECT text FROM greeting WHERE user_id = ?", String.class, USER))
        .isEqualTo("good morning");
    sharded.close();
  }

  @Test
  void idsAndMetersTakeALineEach() throws SQLException {
    ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("s0", "s1", "s2"));
    ShardedDataSource sharded =
        ShardedDataSource.builder(router).dataSources(shard -> openPool(shard)).build();
    MeterRegistry registry = new SimpleMeterRegistry();
    long userId = USER;
    // snippet: ids-in-brief
    ShardedIds ids = ShardedIds.of(sharded);
    ids.createOnEveryShard(); // once, with the schema
    long orderId = ids.nextIdFor(userId); // in the user's slot
    Shard home = ids.shardOf(orderId); // later, without the user's id
    // end snippet
    assertThat(home).isEqualTo(router.shardFor(USER));

    // snippet: meters-in-brief
    ShardingMetrics.of(router).bindTo(registry);
    // end snippet
    assertThat(registry.get("headroom.sharding.map.shards").gauge().value()).isEqualTo(3);
    sharded.close();
  }

  private static long currentUser() {
    return USER;
  }

  private static DataSource openPool(Shard shard) {
    return postgres.dataSource(Integer.parseInt(shard.id().substring(1)));
  }
}
