package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardedIdsTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private static final ShardMap MAP = ShardMap.of("a", "b");
  private static final int SLOT_OF_A = slotsOf("a", 1)[0];
  private static final int SLOT_OF_B = slotsOf("b", 1)[0];

  private static HikariDataSource poolOfA;
  private static HikariDataSource poolOfB;

  private final Set<Long> made = ConcurrentHashMap.newKeySet();

  @BeforeAll
  static void openPools() {
    poolOfA = new HikariDataSource(config(0));
    poolOfB = new HikariDataSource(config(1));
  }

  @AfterAll
  static void closePools() {
    poolOfA.close();
    poolOfB.close();
  }

  private static HikariConfig config(int server) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(postgres.jdbcUrl(server));
    config.setMinimumIdle(0);
    return config;
  }

  @BeforeEach
  void dropWhatTheLastTestMade() throws SQLException {
    for (int server = 0; server < 2; server++) {
      execute(
          server, "DROP SEQUENCE IF EXISTS headroom_ids; DROP TABLE IF EXISTS headroom_ids_moved");
    }
  }

  @Test
  void anIdAloneSaysWhichShardItsRowIsOn() throws SQLException {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP);
    ShardedIds ids = created(router, 100);
    for (long user = -500; user < 500; user++) {
      long id = ids.nextIdFor(user);
      assertThat(id).isPositive();
      assertThat(ShardedIds.slotOf(id)).isEqualTo(router.slotFor(user));
      assertThat(ids.shardOf(id)).isEqualTo(router.shardFor(user));
    }
  }

  @Test
  void aMissingSequenceComesWithTheStatementsThatMakeIt() throws SQLException {
    ShardedIds ids = ids(bySlot(MAP));
    String ddl =
        "CREATE SEQUENCE IF NOT EXISTS headroom_ids AS bigint MINVALUE 1 START 1 INCREMENT BY 1000"
            + " MAXVALUE 562949953420311 NO CYCLE; CREATE TABLE IF NOT EXISTS headroom_ids_moved"
            + " (slot integer PRIMARY KEY)";
    assertThatThrownBy(() -> ids.nextIdFor((long) SLOT_OF_A))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42P01"))
        .hasMessage(
            "shard 'a' lacks the sequence 'headroom_ids' or its table of moved slots. Call"
                + " createOnEveryShard() once, with the schema, or run there: "
                + ddl
                + ". The search_path must lead to them")
        .hasCauseInstanceOf(SQLException.class);
    execute(0, ddl);
    assertThat(ids.nextIdFor((long) SLOT_OF_A)).isPositive();
  }

  @Test
  void idsOfOneSlotGrow() throws SQLException {
    ShardedIds ids = created(bySlot(MAP), 7);
    long last = 0;
    for (int i = 0; i < 100; i++) {
      long id = ids.nextIdFor((long) SLOT_OF_A);
      assertThat(id).isGreaterThan(last);
      last = id;
    }
  }

  @Test
  void manyThreadsOfManyInstancesNeverMakeAnIdTwice() throws Exception {
    created(bySlot(MAP), 10);
    List<Callable<Void>> makers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ShardedIds ids = ids(bySlot(MAP));
      for (int thread = 0; thread < 2; thread++) {
        makers.add(
            () -> {
              for (int n = 0; n < 500; n++) {
                keep(n % 2 == 0 ? ids.nextId() : ids.nextIdFor((long) n));
              }
              return null;
            });
      }
    }
    runTogether(makers, () -> {});
    assertThat(made).hasSize(3_000);
  }

  @Test
  void aRestartLeavesTheRestOfItsBlockUnused() throws SQLException {
    long before = created(bySlot(MAP), 1_000).nextIdFor((long) SLOT_OF_A);
    long after = ids(bySlot(MAP)).nextIdFor((long) SLOT_OF_A);
    assertThat(after >> ShardedIds.SLOT_BITS)
        .isGreaterThanOrEqualTo((before >> ShardedIds.SLOT_BITS) + 1_000);
  }

  @Test
  void aSlotThatMovesTakesItsPlaceInTheSequenceAlong() throws SQLException {
    ShardRouter<Long> fresh = bySlot(MAP);
    ShardedIds ahead = created(fresh, 5);
    ShardedIds behind = ids(fresh);
    ShardedIds stale = ids(bySlot(MAP));
    // `behind` holds a block of low values of the target; the source's sequence runs far ahead.
    keep(behind.nextIdFor((long) SLOT_OF_B));
    keep(60, ahead, SLOT_OF_A);
    keep(stale.nextIdFor((long) SLOT_OF_A));

    ShardMap fenced = MAP.startMove(SLOT_OF_A, "b").fence(SLOT_OF_A);
    ahead.carryOver(SLOT_OF_A, "a", "b");
    ahead.carryOver(SLOT_OF_A, "a", "b"); // again does no harm
    fresh.update(fenced.completeMove(SLOT_OF_A));

    keep(60, behind, SLOT_OF_A);
    keep(60, ahead, SLOT_OF_A);
    // The instance with the old map uses up the block that it has, and then refuses.
    assertThatThrownBy(() -> keep(60, stale, SLOT_OF_A))
        .isInstanceOf(SQLTransientException.class)
        .hasMessageContaining("slot " + SLOT_OF_A + " has moved away from shard 'a'")
        .hasMessageContaining("made twice");
  }

  @Test
  void aSlotMayMoveBack() throws SQLException {
    ShardRouter<Long> router = bySlot(MAP);
    ShardedIds ids = created(router, 5);
    keep(ids.nextIdFor((long) SLOT_OF_A));
    for (String move : List.of("ab", "ba", "ab", "ba")) {
      String from = move.substring(0, 1);
      String to = move.substring(1);
      ShardMap fenced = router.map().startMove(SLOT_OF_A, to).fence(SLOT_OF_A);
      ids.carryOver(SLOT_OF_A, from, to);
      router.update(fenced.completeMove(SLOT_OF_A));
      keep(20, ids, SLOT_OF_A);
    }
  }

  @Test
  void blocksThatOthersTakeDuringACarryOverStayUnique() throws Exception {
    ShardedIds ids = created(bySlot(MAP), 1);
    keep(300, ids, SLOT_OF_A);
    List<Callable<Void>> makers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      ShardedIds other = ids(bySlot(MAP));
      makers.add(
          () -> {
            keep(200, other, SLOT_OF_B);
            return null;
          });
    }
    runTogether(
        makers,
        () -> {
          for (int slot : slotsOf("a", 20)) {
            ids.carryOver(slot, "a", "b");
          }
        });
    assertThat(made).hasSize(700);
  }

  @Test
  void whatCannotBePromisedIsRefused() throws SQLException {
    ShardMap small = ShardMap.builder().slots(1_024).shard("a").shard("b").build();
    assertThatThrownBy(() -> ids(ShardRouter.forLongs(small)))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("16,384 slots")
        .hasMessageContaining("1,024");

    ShardedIds pinned = created(ShardRouter.forLongs(MAP.withPin(7L, "a")), 10);
    assertThatThrownBy(() -> pinned.nextIdFor(7L))
        .isInstanceOf(UnknownKeyException.class)
        .hasMessageContaining("key '7' is pinned");

    ShardedDataSource source = source(bySlot(MAP));
    assertThatThrownBy(() -> ShardedIds.of(source, "ids; DROP TABLE users"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a-z, 0-9 and _");
    assertThatThrownBy(() -> ShardedIds.of(source).createOnEveryShard(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("blockSize 0");
    assertThatThrownBy(() -> ShardedIds.slotOf(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void afterADoublingAnIdNoLongerSaysWhichShardItIsOn() throws SQLException {
    ShardRouter<Long> router = ShardRouter.forLongs(MAP);
    ShardedIds ids = created(router, 10);
    long id = ids.nextIdFor(1L);
    router.update(MAP.doubled());
    assertThatThrownBy(() -> ids.shardOf(id))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("32,768 slots");
    for (long key = 0; key < 20; key++) {
      long beyond = key;
      assertThatThrownBy(() -> ids.nextIdFor(beyond)).isInstanceOf(ShardMapException.class);
    }
  }

  @Test
  void aPoolWithoutAutocommitAndWithOneSnapshotATransactionKeepsItsMarks() throws SQLException {
    ShardRouter<Long> router = bySlot(MAP);
    try (HikariDataSource a = transactionalPool(0);
        HikariDataSource b = transactionalPool(1);
        ShardedDataSource source =
            ShardedDataSource.builder(router).dataSources(Map.of("a", a, "b", b)).build()) {
      ShardedIds ids = ShardedIds.of(source);
      ids.createOnEveryShard(3);
      ShardedIds stale = ids(bySlot(MAP));
      keep(20, ids, SLOT_OF_A);
      ids.carryOver(SLOT_OF_A, "a", "b");
      assertThatThrownBy(() -> stale.nextIdFor((long) SLOT_OF_A))
          .hasMessageContaining("slot " + SLOT_OF_A + " has moved away from shard 'a'");
      router.update(MAP.startMove(SLOT_OF_A, "b").fence(SLOT_OF_A).completeMove(SLOT_OF_A));
      keep(20, ids, SLOT_OF_A);
    }
  }

  private static HikariDataSource transactionalPool(int server) {
    HikariConfig config = config(server);
    config.setMaximumPoolSize(2);
    config.setAutoCommit(false);
    config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
    return new HikariDataSource(config);
  }

  /** Its digits are not ASCII's, which no SQL may hold. */
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "fa-IR-u-nu-arabext", "de-DE"})
  void theDefaultLocaleChangesNothing(String tag) throws SQLException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(tag));
    try {
      ShardRouter<Long> router = bySlot(MAP);
      ShardedIds ids = created(router, 10);
      keep(20, ids, SLOT_OF_A);
      ids.carryOver(SLOT_OF_A, "a", "b");
      router.update(MAP.startMove(SLOT_OF_A, "b").fence(SLOT_OF_A).completeMove(SLOT_OF_A));
      keep(20, ids, SLOT_OF_A);
      assertThatThrownBy(() -> ids.createOnEveryShard(0))
          .hasMessage("blockSize 0: give 1 to 1,000,000 ids a block");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aShardWithoutItsSequenceSaysSo() {
    assertThatThrownBy(() -> ids(bySlot(MAP)).nextId())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("headroom_ids");
  }

  @Test
  void aSequenceThatIsUsedUpFailsRatherThanRepeats() throws SQLException {
    ShardedIds ids = created(bySlot(MAP), 10);
    execute(
        0,
        "SELECT setval('headroom_ids', (SELECT seqmax FROM pg_sequence"
            + " WHERE seqrelid = 'headroom_ids'::regclass))");
    assertThatThrownBy(() -> ids.nextIdFor((long) SLOT_OF_A))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("maximum value");
  }

  private void keep(int count, ShardedIds ids, int slot) throws SQLException {
    for (int i = 0; i < count; i++) {
      keep(ids.nextIdFor((long) slot));
    }
  }

  private void keep(long id) {
    assertThat(made.add(id)).as("id %d is made for the first time", id).isTrue();
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void runTogether(List<Callable<Void>> makers, Step meanwhile) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(makers.size());
    try {
      List<Future<Void>> running = new ArrayList<>();
      makers.forEach(maker -> running.add(threads.submit(maker)));
      meanwhile.run();
      for (Future<Void> maker : running) {
        maker.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static int[] slotsOf(String shard, int count) {
    return IntStream.range(0, MAP.slotCount())
        .filter(slot -> MAP.ownerOf(slot).id().equals(shard))
        .limit(count)
        .toArray();
  }

  /** Keys are slots, so that a test can name the slot that it means. */
  private static ShardRouter<Long> bySlot(ShardMap map) {
    return ShardRouter.builder(ShardStrategy.slotInId()).map(map).build();
  }

  private static ShardedDataSource source(ShardRouter<?> router) {
    return ShardedDataSource.builder(router)
        .dataSources(Map.of("a", poolOfA, "b", poolOfB))
        .build();
  }

  /** What one more instance of the service has. */
  private static ShardedIds ids(ShardRouter<?> router) {
    return ShardedIds.of(source(router));
  }

  private static ShardedIds created(ShardRouter<?> router, int blockSize) throws SQLException {
    ShardedIds ids = ids(router);
    ids.createOnEveryShard(blockSize);
    return ids;
  }

  private static void execute(int server, String sql) throws SQLException {
    try (Connection connection = (server == 0 ? poolOfA : poolOfB).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
