package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.KeyType;
import io.headroom.jdbc.BorrowTarget;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pool lets its callers wait, and the map changes meanwhile: where does the connection go? */
class MapChangeWhileWaitingTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private static final ExecutorService CALLERS = Executors.newCachedThreadPool();

  /** Pools of one connection each. */
  private static ShardPoolFleet fleet;

  private final List<BorrowTarget> borrows = new ArrayList<>();
  private ShardRouter<Long> router;
  private ShardedDataSource sharded;
  private long key;
  private int slot;
  private Runnable beforeBorrow = () -> {};

  @BeforeAll
  static void createTables() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 1);
    for (String id : fleet.pools().keySet()) {
      fleet.on(id, "CREATE TABLE whoami (shard text)", "INSERT INTO whoami VALUES ('" + id + "')");
    }
  }

  @AfterAll
  static void closePools() {
    CALLERS.shutdownNow();
    fleet.close();
  }

  @BeforeEach
  void open() {
    router = ShardRouter.forLongs(fleet.map());
    key =
        LongStream.range(0, 1000)
            .filter(candidate -> router.shardFor(candidate).id().equals("s0"))
            .findFirst()
            .orElseThrow();
    slot = router.slotFor(key);
    sharded =
        ShardedDataSource.builder(router)
            .dataSources(fleet.pools())
            .borrowHook(
                target -> {
                  borrows.add(target);
                  beforeBorrow.run();
                })
            .build();
  }

  @AfterEach
  void nothingLeaks() {
    fleet.assertNothingLeaked();
    sharded.close();
  }

  /** Holds the only connection of s0 until somebody waits for it and the map has changed. */
  private Future<String> whileWaiting(Runnable change) throws SQLException {
    Future<String> caller;
    try (Connection held = fleet.pool("s0").getConnection()) {
      caller = CALLERS.submit(() -> ShardedDataSourceTest.shardOf(sharded.forKey(key)));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> fleet.pool("s0").getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
      change.run();
      assertThat(held.isClosed()).isFalse();
    }
    return caller;
  }

  @Test
  void aSlotThatHasMovedIsBoundToItsNewOwner() throws Exception {
    Future<String> caller =
        whileWaiting(() -> router.update(router.map().startMove(slot, "s1").completeMove(slot)));
    assertThat(caller.get()).isEqualTo("s1");
    assertThat(borrows).extracting(BorrowTarget::resource).containsExactly("s0", "s1");
  }

  @Test
  void aSlotThatHasBeenFencedIsRefused() throws Exception {
    Future<String> caller =
        whileWaiting(() -> router.update(router.map().startMove(slot, "s1").fence(slot)));
    assertThatThrownBy(caller::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(SlotFencedException.class);
  }

  @Test
  void aChangeOfOtherSlotsCostsNothing() throws Exception {
    int other =
        LongStream.range(0, 1000)
            .mapToInt(router::slotFor)
            .filter(one -> one != slot && router.map().ownerOf(one).id().equals("s0"))
            .findFirst()
            .orElseThrow();
    Future<String> caller = whileWaiting(() -> router.update(router.map().startMove(other, "s1")));
    assertThat(caller.get()).isEqualTo("s0");
    assertThat(borrows).hasSize(1);
  }

  @Test
  void theBorrowHookHearsTheNewVersionOfASlotThatStays() throws SQLException {
    beforeBorrow = () -> moveOn(1);
    assertThat(ShardedDataSourceTest.shardOf(sharded.forKey(key))).isEqualTo("s0");
    assertThat(borrows).extracting(BorrowTarget::slotVersion).containsExactly(0L, 1L);
  }

  @Test
  void aSlotThatChangesEachTimeIsGivenUpAfterThreeBorrows() {
    beforeBorrow = () -> moveOn(Integer.MAX_VALUE);
    StaleShardMapException stale =
        catchThrowableOfType(
            StaleShardMapException.class, () -> ShardedDataSourceTest.shardOf(sharded.forKey(key)));
    assertThat(borrows).hasSize(3);
    assertThat((Throwable) stale)
        .hasMessage(
            "slot "
                + slot
                + " changed in the map while a connection to shard 's0' was waited for, 3 times in"
                + " a row (epoch 4 is in force now): retry the transaction shortly, and look why"
                + " the pool of that shard is used up")
        .hasNoCause();
    assertThat(stale.mapEpoch()).isEqualTo(3);
    assertThat(stale.slot()).isEqualTo(slot);
  }

  /** Changes the slot's state, not its owner, at each of the first borrows. */
  private void moveOn(int times) {
    if (borrows.size() <= times) {
      ShardMap map = router.map();
      boolean moving = map.slotStatus(slot).state() == SlotState.MOVING;
      router.update(moving ? map.cancelMove(slot) : map.startMove(slot, "s1"));
    }
  }

  @Test
  void aScopesConnectionIsRememberedOnTheShardItEndedUpOn() throws SQLException {
    beforeBorrow =
        () -> {
          if (borrows.size() == 1) {
            router.update(router.map().startMove(slot, "s1").completeMove(slot));
          }
        };
    try (ShardScope scope = sharded.open(key);
        Connection connection = sharded.getConnection()) {
      assertThat(scope.shardId()).isEqualTo("s0");
      assertThat(ShardedDataSourceTest.shardOf(connection)).isEqualTo("s1");
      sharded.open(key).close(); // s1 now, where the connection is
    }
  }

  @Test
  void aKeyThatBecameUnknownMeanwhileIsAnErrorThatSaysSo() {
    ShardMap pinned = fleet.map().withPin("acme", "s0");
    ShardRouter<String> directory =
        ShardRouter.<String>builder(ShardStrategy.directory(KeyType.TEXT)).map(pinned).build();
    try (ShardedDataSource tenants =
        ShardedDataSource.builder(directory)
            .dataSources(fleet.pools())
            .borrowHook(target -> directory.update(pinned.withoutPin("acme")))
            .build()) {
      assertThatThrownBy(() -> ShardedDataSourceTest.shardOf(tenants.forKey("acme")))
          .isInstanceOf(SQLNonTransientException.class)
          .hasCauseInstanceOf(UnknownKeyException.class);
    }
  }
}
