package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import io.headroom.sharding.UserFleet.User;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One query on many shards: which rows come, from where, and in what order. */
@SuppressWarnings("try") // scopes are opened for what happens meanwhile
class ScatterTest {

  private static final Duration SOON = Duration.ofMillis(400);

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static UserFleet fleet;

  private ShardRouter<Long> router;
  private ShardedDataSource sharded;
  private Scatter scatter;

  @BeforeAll
  static void load() throws SQLException {
    fleet = UserFleet.over(postgres);
  }

  @AfterAll
  static void closePools() {
    fleet.close();
  }

  @BeforeEach
  void open() {
    router = fleet.router;
    sharded = fleet.source();
    scatter = sharded.scatter();
  }

  @AfterEach
  void nothingLeaks() throws SQLException {
    fleet.assertSound();
    sharded.close();
  }

  @Test
  void countsAllRowsOnce() throws SQLException {
    assertThat(
            scatter
                .query("SELECT count(*) FROM users", row -> row.getLong(1))
                .reduce(0L, Long::sum))
        .isEqualTo(UserFleet.USERS);
    Partial<Long> partial =
        scatter
            .query("SELECT count(*) FROM users", row -> row.getLong(1))
            .reducePartially(0L, Long::sum);
    assertThat(partial.value()).isEqualTo(UserFleet.USERS);
    assertThat(partial.isComplete()).isTrue();
  }

  @Test
  void mergesInOrderUpToALimit() throws SQLException {
    List<User> top =
        scatter
            .query(
                "SELECT user_id, name FROM users WHERE user_id < ? ORDER BY user_id DESC",
                User::read)
            .bind(statement -> statement.setLong(1, 500))
            .ordered(Comparator.comparingLong(User::id).reversed())
            .limit(20)
            .toList();
    assertThat(top).extracting(User::id).isEqualTo(descending(499, 20));
  }

  private static List<Long> descending(long from, int count) {
    return LongStream.iterate(from, id -> id - 1).limit(count).boxed().toList();
  }

  @Test
  void withoutAnOrderRowsComeShardByShard() throws SQLException {
    List<Long> ids = scatter.query("SELECT user_id FROM users", row -> row.getLong(1)).toList();
    assertThat(ids).hasSize(UserFleet.USERS).doesNotHaveDuplicates();
    List<String> shards = ids.stream().map(id -> router.shardFor(id).id()).distinct().toList();
    assertThat(shards).containsExactly("s0", "s1", "s2");
    assertThat(scatter.query("SELECT user_id FROM users", row -> row.getLong(1)).limit(7).toList())
        .hasSize(7);
  }

  @Test
  void streamsInOrderInPortions() throws SQLException {
    try (Stream<User> users =
        scatter
            .query("SELECT user_id, name FROM users ORDER BY user_id", User::read)
            .ordered(Comparator.comparingLong(User::id))
            .fetchSize(50)
            .stream()) {
      assertThat(users.map(User::id))
          .isEqualTo(LongStream.range(0, UserFleet.USERS).boxed().toList());
    }
    List<Long> unordered = new ArrayList<>();
    scatter
        .query("SELECT user_id FROM users", row -> row.getLong(1))
        .fetchSize(33)
        .forEach(unordered::add);
    assertThat(unordered).hasSize(UserFleet.USERS).doesNotHaveDuplicates();
  }

  @Test
  void aStreamThatIsNotReadToItsEndGivesItsConnectionsBackSound() throws SQLException {
    Set<Integer> before = backends();
    try (Stream<User> users =
        scatter
            .query("SELECT user_id, name FROM users ORDER BY user_id", User::read)
            .ordered(Comparator.comparingLong(User::id))
            .fetchSize(10)
            .stream()) {
      assertThat(users.limit(25)).hasSize(25);
    }
    fleet.pools.assertNothingLeaked();
    assertThat(before).hasSizeGreaterThanOrEqualTo(3);
    assertThat(backends()).as("no connection was sacrificed").containsAll(before);
  }

  /** The servers' processes for our connections, the one that asks included. */
  private Set<Integer> backends() throws SQLException {
    return new HashSet<>(
        scatter
            .query(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND backend_type = 'client backend'",
                row -> row.getInt(1))
            .toList());
  }

  @Test
  void asksEachShardForItsOwnKeysOnly() throws SQLException {
    List<Long> keys = List.of(5L, 700L, 33L, 899L, 5L);
    Set<String> asked = ConcurrentHashMap.newKeySet();
    List<User> users =
        scatter
            .query(
                "SELECT user_id, name FROM users WHERE user_id = ANY(?) AND name <> ?", User::read)
            .forKeys(keys)
            .bind(statement -> statement.setString(2, "nobody"))
            .bind(statement -> asked.add(statement.getConnection().unwrap(Connection.class) + ""))
            .toList();
    assertThat(users).extracting(User::id).containsExactlyInAnyOrder(5L, 700L, 33L, 899L);
    assertThat(asked).hasSize(router.group(keys).size());
    assertThat(scatter.query("SELECT 1 WHERE 1 = ANY(?)", row -> 1).forKeys(List.of()).toList())
        .isEmpty();
    assertThatThrownBy(() -> scatter.query("", row -> 1).forKeys(List.of("alice")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> scatter.query("", row -> 1).forKeys(keys).onShards(router.map().shards()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void asksSomeShardsOnly() throws SQLException {
    Shard one = router.map().shard("s1");
    List<Long> ids =
        scatter
            .query("SELECT user_id FROM users", row -> row.getLong(1))
            .onShards(List.of(one))
            .toList();
    assertThat(ids).isNotEmpty().allMatch(id -> router.shardFor(id).equals(one));
    assertThatThrownBy(
            () -> scatter.query("SELECT 1", row -> 1).onShards(List.of(Shard.of("elsewhere"))))
        .isInstanceOf(UnknownShardException.class);
  }

  @Test
  void aSlotInMotionGivesNoDuplicates() throws SQLException {
    ShardRouter<Long> moving = ShardRouter.forLongs(fleet.pools.map());
    long key = 42;
    int slot = moving.slotFor(key);
    String owner = moving.shardFor(key).id();
    String target = owner.equals("s0") ? "s1" : "s0";
    moving.update(moving.map().startMove(slot, target));
    fleet.pools.on(target, "INSERT INTO users VALUES (42, 'a copy on its way')");
    try (ShardedDataSource source =
        ShardedDataSource.builder(moving).dataSources(fleet.pools.pools()).build()) {
      String sql = "SELECT user_id, name FROM users ORDER BY user_id";
      assertThat(source.scatter().query(sql, User::read).toList()).hasSize(UserFleet.USERS + 1);
      List<User> once =
          source
              .scatter()
              .query(sql, User::read)
              .ownedBy(User::id)
              .ordered(Comparator.comparingLong(User::id))
              .limit(100)
              .toList();
      assertThat(once).extracting(User::id).isEqualTo(LongStream.range(0, 100).boxed().toList());
      assertThat(once.get(42).name()).isEqualTo("user-a42");
      try (Stream<User> all = source.scatter().query(sql, User::read).ownedBy(User::id).stream()) {
        assertThat(all).hasSize(UserFleet.USERS);
      }
      moving.update(moving.map().fence(slot));
      assertThatThrownBy(
              () -> source.scatter().query(sql, User::read).forKeys(List.of(1L, key)).toList())
          .isInstanceOf(SlotFencedException.class);
    } finally {
      fleet.pools.on(target, "DELETE FROM users WHERE user_id = 42");
    }
  }

  @Test
  void anotherOrderThanTheComparatorsIsAnErrorThatNamesTheShard() {
    // lower case first, as a collation of natural language may have it; Java has upper case first
    ScatterQuery<User> query =
        scatter
            .query("SELECT user_id, name FROM users ORDER BY lower(name)", User::read)
            .ordered(Comparator.comparing(User::name));
    assertThatThrownBy(query::toList)
        .isInstanceOf(SQLException.class)
        .hasMessageMatching("shard 's\\d' gives its rows in another order.*")
        .hasMessageContaining("COLLATE \"C\"");
    assertThatThrownBy(
            () ->
                scatter
                    .query("SELECT user_id, name FROM users ORDER BY lower(name)", User::read)
                    .ordered(Comparator.comparing(User::name))
                    .forEach(user -> {}))
        .hasMessageContaining("another order");
  }

  private String messageOf(String sql) {
    return messageOf(scatter.query(sql, row -> 1));
  }

  private static String messageOf(ScatterQuery<?> query) {
    return assertThatThrownBy(query::toList)
        .isInstanceOf(ScatterException.class)
        .actual()
        .getMessage();
  }

  private static final String ADVICE =
      "toPartialList() and reducePartially() make do with the shards that answer";

  /** One shard's rows, or a change of tables that has not come to all of them yet. */
  @Test
  void toMakeDoWithTheOthersIsAdviceWhereSomeMayAnswer() throws SQLException {
    Supplier<ScatterQuery<Long>> divides =
        () ->
            scatter.query(
                "SELECT sum(1 / (user_id - " + fleet.firstKeyOf("s1") + ")) FROM users",
                row -> row.getLong(1));
    assertThat(messageOf(divides.get()))
        .startsWith("shard 's1' failed")
        .contains("division by zero")
        .endsWith(". " + ADVICE);
    assertThat(divides.get().toPartialList().value()).hasSize(2);
    fleet.pools.on("s2", "CREATE TABLE arrived (id int)");
    try {
      String sql = "SELECT count(*) FROM arrived";
      assertThat(messageOf(sql)).contains("\"arrived\" does not exist").endsWith(". " + ADVICE);
      assertThat(scatter.query(sql, row -> 1).toPartialList().value()).hasSize(1);
    } finally {
      fleet.pools.on("s2", "DROP TABLE arrived");
    }
    assertThat(messageOf("DO $$ BEGIN RAISE EXCEPTION 'on purpose'; END $$"))
        .contains("on purpose")
        .endsWith(". " + ADVICE);
  }

  @Test
  void itIsNoneWhereNoShardCanAnswer() {
    assertThat(messageOf("SELECT FROM WHERE")).contains("syntax error").doesNotContain(ADVICE);
    assertThat(messageOf("DELETE FROM users"))
        .doesNotContain(ADVICE)
        .contains("read-only transaction")
        .endsWith(". A query only reads: updateEachShardSeparately(...) writes");
  }

  @Test
  void keysNeedAParameter() {
    assertThat(messageOf(scatter.query("SELECT user_id FROM users", row -> 1).forKeys(List.of(1L))))
        .endsWith(
            "forKeys gives each shard its keys as the first parameter, and the SQL has none: write"
                + " ... = ANY(?) where they belong");
  }

  @Test
  void asksNoMoreShardsAtATimeThanAllowed() throws SQLException {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Scatter two = Scatter.builder(sharded).shardsAtATime(2).threads(8).build()) {
      two.query(
              "SELECT user_id FROM users",
              row -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                long id = row.getLong(1);
                now.decrementAndGet();
                return id;
              })
          .toList();
    }
    assertThat(most.get()).isBetween(1, 2);
  }

  @Test
  void runsOnTheCallersExecutorAndCarriesTheRequestThere() throws SQLException {
    RequestContext.Key<String> tenant = RequestContext.Key.named("tenant");
    Set<String> seen = ConcurrentHashMap.newKeySet();
    ExecutorService threads = Executors.newFixedThreadPool(2, task -> new Thread(task, "mine"));
    try (Scatter mine = Scatter.builder(sharded).executor(threads).build();
        RequestContext.Scope scope =
            RequestContext.builder().with(tenant, "acme").build().attach()) {
      mine.query(
              "SELECT 1",
              row ->
                  seen.add(
                      Thread.currentThread().getName()
                          + " "
                          + RequestContext.current().get(tenant)))
          .toList();
    } finally {
      threads.shutdown();
    }
    assertThat(seen).containsExactly("mine acme");
    try (Scatter refusing =
        Scatter.builder(sharded)
            .executor(
                task -> {
                  throw new RejectedExecutionException("full");
                })
            .build()) {
      assertThatThrownBy(() -> refusing.query("SELECT 1", row -> 1).toList())
          .isInstanceOf(ScatterException.class)
          .hasMessageContaining("no thread for shard");
    }
  }

  @Test
  void tellsItsListeners() throws SQLException {
    List<String> heard = new ArrayList<>();
    ShardRouter<Long> listening =
        ShardRouter.builder(ShardStrategy.hashedLongs())
            .map(fleet.pools.map())
            .listener(
                new ShardingListener() {
                  @Override
                  public void onScattered(String router, int shards, int failedShards, long nanos) {
                    heard.add(
                        router
                            + ": "
                            + shards
                            + " shards, "
                            + failedShards
                            + " failed, "
                            + (nanos > 0));
                  }
                })
            .build();
    try (ShardedDataSource source =
        ShardedDataSource.builder(listening).dataSources(fleet.pools.pools()).build()) {
      source.scatter().query("SELECT 1", row -> 1).toList();
      source.scatter().query("SELECT 1", row -> 1).forEach(one -> {});
      source.scatter().query(fleet.sleepOn("s1", 20), row -> 1).timeout(SOON).toPartialList();
    }
    assertThat(heard)
        .containsExactly(
            "shards: 3 shards, 0 failed, true",
            "shards: 3 shards, 0 failed, true",
            "shards: 3 shards, 1 failed, true");
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> scatter.query("", row -> 1).limit(0)).hasMessageContaining("limit");
    assertThatThrownBy(() -> scatter.query("", row -> 1).fetchSize(0))
        .hasMessageContaining("fetchSize");
    assertThatThrownBy(() -> scatter.query("", row -> 1).timeout(Duration.ZERO))
        .hasMessageContaining("timeout");
    assertThatThrownBy(() -> Scatter.builder(sharded).shardsAtATime(0))
        .hasMessageContaining("shardsAtATime");
    assertThatThrownBy(() -> Scatter.builder(sharded).threads(2).threads(2))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> Scatter.builder(sharded).threads(2).executor(Runnable::run).build())
        .hasMessageContaining("both");
    Scatter closed = Scatter.builder(sharded).build();
    closed.close();
    assertThatThrownBy(() -> closed.query("", row -> 1)).hasMessageContaining("closed");
    assertThat(closed)
        .hasToString("Scatter[ShardedDataSource 'shards', 8 shards at a time, PT30S]");
  }
}
