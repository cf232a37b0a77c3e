package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@SuppressWarnings("try") // scopes are opened for what happens meanwhile
class ScatterTest {

  private static final int USERS = 900;
  private static final Duration SOON = Duration.ofMillis(400);

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static ShardPoolFleet fleet;
  private static ShardRouter<Long> router;

  private ShardedDataSource sharded;
  private Scatter scatter;

  private record User(long id, String name) {
    static User read(java.sql.ResultSet row) throws SQLException {
      return new User(row.getLong(1), row.getString(2));
    }
  }

  @BeforeAll
  static void load() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 4);
    fleet.onAll(
        "CREATE TABLE users (user_id bigint PRIMARY KEY, name text NOT NULL)",
        "CREATE TABLE notes (note int)");
    router = ShardRouter.forLongs(fleet.map());
    try (ShardedDataSource loading =
        ShardedDataSource.builder(router).dataSources(fleet.pools()).build()) {
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

  @AfterAll
  static void closePools() {
    fleet.close();
  }

  @BeforeEach
  void open() {
    sharded = ShardedDataSource.builder(router).dataSources(fleet.pools()).build();
    scatter = sharded.scatter();
  }

  @AfterEach
  void nothingLeaks() throws SQLException {
    fleet.assertNothingLeaked();
    // and what is in the pools is sound: nobody meets a cancel that was meant for another
    for (int i = 0; i < 4; i++) {
      fleet.onAll("SELECT pg_sleep(0.01)");
    }
    sharded.close();
  }

  @Test
  void countsAllRowsOnce() throws SQLException {
    assertThat(
            scatter
                .query("SELECT count(*) FROM users", row -> row.getLong(1))
                .reduce(0L, Long::sum))
        .isEqualTo(USERS);
    Partial<Long> partial =
        scatter
            .query("SELECT count(*) FROM users", row -> row.getLong(1))
            .reducePartially(0L, Long::sum);
    assertThat(partial.value()).isEqualTo(USERS);
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
    assertThat(ids).hasSize(USERS).doesNotHaveDuplicates();
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
      assertThat(users.map(User::id)).isEqualTo(LongStream.range(0, USERS).boxed().toList());
    }
    List<Long> unordered = new ArrayList<>();
    scatter
        .query("SELECT user_id FROM users", row -> row.getLong(1))
        .fetchSize(33)
        .forEach(unordered::add);
    assertThat(unordered).hasSize(USERS).doesNotHaveDuplicates();
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
    fleet.assertNothingLeaked();
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
    ShardRouter<Long> moving = ShardRouter.forLongs(fleet.map());
    long key = 42;
    int slot = moving.slotFor(key);
    String owner = moving.shardFor(key).id();
    String target = owner.equals("s0") ? "s1" : "s0";
    moving.update(moving.map().startMove(slot, target));
    fleet.on(target, "INSERT INTO users VALUES (42, 'a copy on its way')");
    try (ShardedDataSource source =
        ShardedDataSource.builder(moving).dataSources(fleet.pools()).build()) {
      String sql = "SELECT user_id, name FROM users ORDER BY user_id";
      assertThat(source.scatter().query(sql, User::read).toList()).hasSize(USERS + 1);
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
        assertThat(all).hasSize(USERS);
      }
      moving.update(moving.map().fence(slot));
      assertThatThrownBy(
              () -> source.scatter().query(sql, User::read).forKeys(List.of(1L, key)).toList())
          .isInstanceOf(SlotFencedException.class);
    } finally {
      fleet.on(target, "DELETE FROM users WHERE user_id = 42");
    }
  }

  @Test
  void anUpdateOfWholeShardsWaitsForTheirFences() throws SQLException {
    ShardRouter<Long> moving = ShardRouter.forLongs(fleet.map());
    int slot = moving.slotFor(firstKeyOf("s0"));
    moving.update(moving.map().startMove(slot, "s1"));
    try (ShardedDataSource source =
        ShardedDataSource.builder(moving).dataSources(fleet.pools()).build()) {
      Scatter all = source.scatter();
      String sql = "DELETE FROM notes WHERE note = 12345";
      assertThat(all.updateEachShardSeparately(sql).run()).hasSize(3);
      moving.update(moving.map().fence(slot));
      for (String shard : List.of("s0", "s1")) { // the one it leaves, and the one it goes to
        assertThatThrownBy(
                () ->
                    all.updateEachShardSeparately(sql)
                        .onShards(List.of(moving.map().shard(shard)))
                        .run())
            .isInstanceOf(SlotFencedException.class)
            .hasMessageContaining("slot " + slot);
      }
      assertThatThrownBy(() -> all.updateEachShardSeparately(sql).run())
          .isInstanceOf(SlotFencedException.class);
      assertThat(
              all.updateEachShardSeparately(sql)
                  .onShards(List.of(moving.map().shard("s2")))
                  .run()
                  .get("s2")
                  .isDone())
          .isTrue();
      assertThat(
              all.updateEachShardSeparately("DELETE FROM notes WHERE note = ANY(?)")
                  .forKeys(List.of(firstKeyOf("s1")))
                  .run())
          .containsOnlyKeys("s1");
      assertThat(all.query("SELECT count(*) FROM users", row -> row.getLong(1)).toList())
          .hasSize(3);
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

  @Test
  void oneShardThatFailsEndsTheWholeAndIsNamed() {
    String sql =
        "SELECT CASE WHEN EXISTS (SELECT FROM users WHERE user_id = "
            + firstKeyOf("s1")
            + ") THEN 1 / (SELECT count(*) FROM notes WHERE note < -9) ELSE"
            + " length(pg_sleep(20)::text) END";
    ScatterException failure =
        catchThrowableOfType(
            ScatterException.class, () -> scatter.query(sql, row -> row.getInt(1)).toList());
    assertThat((Throwable) failure).hasMessageContaining("'s1'").hasMessageContaining("division");
    assertThat(failure.getSQLState()).isEqualTo("22012");
    assertThat(failure.failures()).containsOnlyKeys("s1");
    // nothingLeaks() would wait for the sleepers, had they not been cancelled
  }

  private static long firstKeyOf(String shard) {
    return LongStream.range(0, USERS)
        .filter(id -> router.shardFor(id).id().equals(shard))
        .findFirst()
        .orElseThrow();
  }

  private static String sleepOn(String shard, int seconds) {
    return "SELECT count(*), pg_sleep(CASE WHEN EXISTS (SELECT FROM users WHERE user_id = "
        + firstKeyOf(shard)
        + ") THEN "
        + seconds
        + " ELSE 0 END) FROM users";
  }

  @Test
  void theDeadlineCutsOffWhoIsLateAndNamesIt() {
    ScatterException failure =
        catchThrowableOfType(
            ScatterException.class,
            () -> scatter.query(sleepOn("s2", 20), row -> row.getLong(1)).timeout(SOON).toList());
    assertThat((Throwable) failure)
        .hasMessageContaining("'s2'")
        .hasMessageContaining("400 ms")
        .hasCauseInstanceOf(SQLTimeoutException.class);
    assertThat(failure.getSQLState()).isEqualTo("57014");
  }

  @Test
  void aPartialResultHasTheRestAndTheCauses() throws SQLException {
    Partial<List<Long>> partial =
        scatter.query(sleepOn("s2", 20), row -> row.getLong(1)).timeout(SOON).toPartialList();
    assertThat(partial.value()).hasSize(2);
    assertThat(partial.isComplete()).isFalse();
    assertThat(partial.failures()).containsOnlyKeys("s2");
    assertThat((Throwable) partial.failures().get("s2")).isInstanceOf(SQLTimeoutException.class);
    Partial<Long> sum =
        scatter
            .query(sleepOn("s2", 20), row -> row.getLong(1))
            .timeout(SOON)
            .reducePartially(0L, Long::sum);
    assertThat(sum.value()).isBetween(1L, USERS - 1L);
  }

  @Test
  void theRequestsDeadlineBoundsItToo() {
    try (RequestContext.Scope scope = RequestContext.builder().timeout(SOON).build().attach()) {
      assertThatThrownBy(() -> scatter.query(sleepOn("s0", 20), row -> row.getLong(1)).toList())
          .isInstanceOf(ScatterException.class)
          .hasMessageContaining("the request's deadline");
    }
  }

  @Test
  void aShardThatIsDownEndsOrIsLeftOut() throws SQLException {
    postgres.server(1).kill();
    try {
      ScatterException failure =
          catchThrowableOfType(
              ScatterException.class,
              () -> scatter.query("SELECT 1", row -> row.getInt(1)).toList());
      assertThat((Throwable) failure).hasMessageContaining("'s1'");
      Partial<List<Integer>> partial =
          scatter.query("SELECT 1", row -> row.getInt(1)).toPartialList();
      assertThat(partial.value()).hasSize(2);
      assertThat(partial.failures()).containsOnlyKeys("s1");
    } finally {
      postgres.server(1).restart();
    }
  }

  @Test
  void aShardThatHangsHoldsNobodyBeyondTheDeadline() throws SQLException {
    fleet.onAll("SELECT 1"); // so that a connection is in each pool
    postgres.server(0).stop();
    try {
      Partial<List<Integer>> partial =
          scatter.query("SELECT 1", row -> row.getInt(1)).timeout(SOON).toPartialList();
      assertThat(partial.value()).hasSize(2);
      assertThat(partial.failures()).containsOnlyKeys("s0");
      assertThatThrownBy(
              () ->
                  scatter
                      .query("SELECT user_id FROM users ORDER BY 1", row -> row.getLong(1))
                      .ordered(Comparator.naturalOrder())
                      .timeout(SOON)
                      .stream())
          .isInstanceOf(ScatterException.class)
          .hasMessageContaining("'s0'");
      Map<String, ShardOutcome> outcomes =
          scatter.updateEachShardSeparately("INSERT INTO notes VALUES (1)").timeout(SOON).run();
      assertThat(outcomes.get("s1").isDone()).isTrue();
      assertThat(outcomes.get("s0").status()).isNotEqualTo(ShardOutcome.Status.DONE);
    } finally {
      postgres.server(0).resume();
    }
  }

  @Test
  void aStreamWhoseShardHangsInTheMiddleEndsAtTheDeadline() throws SQLException {
    Stream<Long> ids =
        scatter
            .query("SELECT user_id FROM users ORDER BY 1", row -> row.getLong(1))
            .ordered(Comparator.naturalOrder())
            .fetchSize(5)
            .timeout(Duration.ofSeconds(2))
            .stream();
    try (ids) {
      var rows = ids.iterator();
      for (long id = 0; id < 10; id++) {
        assertThat(rows.next()).isEqualTo(id);
      }
      postgres.server(2).stop();
      assertThatThrownBy(
              () -> {
                while (rows.hasNext()) {
                  rows.next();
                }
              })
          .isInstanceOf(ShardingException.class)
          .hasCauseInstanceOf(ScatterException.class)
          .hasMessageContaining("'s2'");
    } finally {
      postgres.server(2).resume();
    }
  }

  @Test
  void aCancelledConnectionIsEvictedSoThatNobodyMeetsALateCancel() throws SQLException {
    for (int round = 0; round < 8; round++) {
      Set<Integer> victims = ConcurrentHashMap.newKeySet();
      Partial<List<Integer>> partial =
          scatter
              .query("SELECT pg_sleep(20)::text, 1", row -> row.getInt(2))
              .bind(
                  statement -> {
                    try (var pid =
                        statement
                            .getConnection()
                            .createStatement()
                            .executeQuery("SELECT pg_backend_pid()")) {
                      pid.next();
                      victims.add(pid.getInt(1));
                    }
                  })
              .timeout(Duration.ofMillis(60))
              .toPartialList();
      assertThat(partial.failures()).hasSize(3);
      assertThat(victims).hasSize(3);
      // the next borrowers run at once, while the cancels are still on their way
      assertThat(nextBorrowersOfAllPools()).doesNotContainAnyElementsOf(victims);
      fleet.assertNothingLeaked();
      assertThat(nextBorrowersOfAllPools()).doesNotContainAnyElementsOf(victims);
    }
  }

  private static Set<Integer> nextBorrowersOfAllPools() throws SQLException {
    Set<Integer> pids = new HashSet<>();
    for (var pool : fleet.pools().values()) {
      try (Connection first = pool.getConnection();
          Connection second = pool.getConnection()) {
        for (Connection connection : List.of(first, second)) {
          try (var statement = connection.createStatement();
              var pid = statement.executeQuery("SELECT pg_backend_pid(), pg_sleep(0.02)")) {
            pid.next();
            pids.add(pid.getInt(1));
          }
        }
      }
    }
    return pids;
  }

  @Test
  void tellsTheOutcomeOfAnUpdateForEachShard() throws SQLException {
    fleet.onAll("DELETE FROM notes");
    Map<String, ShardOutcome> done =
        scatter
            .updateEachShardSeparately("INSERT INTO notes VALUES (?)")
            .bind(statement -> statement.setInt(1, 7))
            .run();
    assertThat(done.keySet()).containsExactly("s0", "s1", "s2");
    assertThat(done.values()).allMatch(ShardOutcome::isDone).allMatch(o -> o.updatedRows() == 1);
    fleet.on("s1", "ALTER TABLE notes ADD CONSTRAINT small CHECK (note < 100)");
    try {
      Map<String, ShardOutcome> mixed =
          scatter.updateEachShardSeparately("INSERT INTO notes VALUES (100)").run();
      assertThat(mixed.get("s0").isDone()).isTrue();
      assertThat(mixed.get("s1").status()).isEqualTo(ShardOutcome.Status.FAILED);
      assertThat(mixed.get("s1").cause())
          .get()
          .extracting(SQLException::getSQLState)
          .isEqualTo("23514");
      assertThat(mixed.get("s0").cause()).isEmpty();
    } finally {
      fleet.on("s1", "ALTER TABLE notes DROP CONSTRAINT small");
    }
    List<Long> keys = List.of(1L, 2L, 3L, 4L);
    Map<String, ShardOutcome> ofKeys =
        scatter
            .updateEachShardSeparately("UPDATE users SET name = name WHERE user_id = ANY(?)")
            .forKeys(keys)
            .run();
    assertThat(ofKeys.values().stream().mapToLong(ShardOutcome::updatedRows).sum()).isEqualTo(4);
    assertThat(
            scatter
                .updateEachShardSeparately("DELETE FROM notes")
                .onShards(List.of(router.map().shard("s2")))
                .run())
        .containsOnlyKeys("s2");
  }

  @Test
  void anUpdateThatIsCutOffIsUnknownAndOneNeverSentHasFailed() throws SQLException {
    Map<String, ShardOutcome> outcomes =
        scatter
            .updateEachShardSeparately("INSERT INTO notes SELECT 1 FROM pg_sleep(20)")
            .timeout(SOON)
            .run();
    assertThat(outcomes.values())
        .allMatch(outcome -> outcome.status() == ShardOutcome.Status.UNKNOWN);
    ShardRouter<Long> two = ShardRouter.forLongs(ShardMap.of("s0", "s1"));
    try (ShardedDataSource own =
            ShardedDataSource.builder(two)
                .dataSource("s0", fleet.pool("s0"))
                .dataSource("s1", fleet.pool("s1"))
                .build();
        Scatter inTurn = Scatter.builder(own).shardsAtATime(1).timeout(SOON).build()) {
      Map<String, ShardOutcome> one =
          inTurn.updateEachShardSeparately("INSERT INTO notes SELECT 1 FROM pg_sleep(20)").run();
      assertThat(one.get("s0").status()).isEqualTo(ShardOutcome.Status.UNKNOWN);
      assertThat(one.get("s1").status()).isEqualTo(ShardOutcome.Status.FAILED);
    }
  }

  @Test
  void aConnectionThatIsLostLeavesAnUpdateUnknown() throws SQLException {
    Map<String, ShardOutcome> outcomes =
        scatter
            .updateEachShardSeparately(
                "INSERT INTO notes SELECT 1 FROM pg_terminate_backend(pg_backend_pid()),"
                    + " pg_sleep(1)")
            .run();
    assertThat(outcomes.values())
        .allMatch(outcome -> outcome.status() == ShardOutcome.Status.UNKNOWN);
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
  void aBugInTheReaderComesOutAsItIs() {
    assertThatThrownBy(
            () ->
                scatter
                    .query(
                        "SELECT user_id FROM users",
                        row -> {
                          throw new IllegalStateException("a bug");
                        })
                    .toPartialList())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a bug");
    assertThatThrownBy(
            () ->
                scatter
                    .query(
                        "SELECT user_id FROM users",
                        row -> {
                          throw new IllegalStateException("a bug");
                        })
                    .stream())
        .hasMessage("a bug");
  }

  @Test
  void anInterruptedCallerGivesUp() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> scatter.query("SELECT pg_sleep(20)::text", row -> 1).toList())
        .isInstanceOf(ScatterException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void tellsItsListeners() throws SQLException {
    List<String> heard = new ArrayList<>();
    ShardRouter<Long> listening =
        ShardRouter.<Long>builder(ShardStrategy.hashed(io.headroom.KeyType.INTEGER))
            .map(fleet.map())
            .listener(
                new ShardingListener() {
                  @Override
                  public void onScattered(int shards, int failedShards, long nanos) {
                    heard.add(shards + " shards, " + failedShards + " failed, " + (nanos > 0));
                  }
                })
            .build();
    try (ShardedDataSource source =
        ShardedDataSource.builder(listening).dataSources(fleet.pools()).build()) {
      source.scatter().query("SELECT 1", row -> 1).toList();
      source.scatter().query("SELECT 1", row -> 1).forEach(one -> {});
      source.scatter().query(sleepOn("s1", 20), row -> 1).timeout(SOON).toPartialList();
    }
    assertThat(heard)
        .containsExactly(
            "3 shards, 0 failed, true", "3 shards, 0 failed, true", "3 shards, 1 failed, true");
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
