package io.headroom.sharding;

import static io.headroom.sharding.ShardedDataSourceTest.shardOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.RetryLater;
import io.headroom.jdbc.BorrowTarget;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stands between a caller and a slot at its cut-over: the hook, the map, the server. */
class FenceTest {

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

  @Test
  void theBorrowHookHearsWhereAConnectionIsAboutToGo() throws SQLException {
    List<BorrowTarget> targets = new ArrayList<>();
    try (ShardedDataSource hooked =
        ShardedDataSource.builder(router)
            .dataSources(fleet.pools())
            .borrowHook(targets::add)
            .build()) {
      long key = 42;
      int slot = router.slotFor(key);
      String owner = router.shardFor(key).id();
      router.update(router.map().startMove(slot, owner.equals("s0") ? "s1" : "s0"));
      try (Connection connection = hooked.forKey(key).getConnection()) {
        connection.setReadOnly(true);
        shardOf(connection);
      }
      shardOf(hooked.forShard("s2"));
      long epoch = router.map().epoch();
      assertThat(targets)
          .containsExactly(
              new BorrowTarget(owner, slot, epoch, router.map().slotVersion(slot), true),
              new BorrowTarget("s2", -1, epoch, 0, false));
      assertThat(targets.get(0).slotVersion()).isPositive();
      assertThat(router.use().uses()).isEqualTo(1);
    }
    try (ShardedDataSource guarded =
        ShardedDataSource.builder(router)
            .dataSources(fleet.pools())
            .borrowHook(
                target -> {
                  throw new SQLException("pool " + target.resource() + " is full");
                })
            .build()) {
      assertThatThrownBy(() -> shardOf(guarded.forShard("s1"))).hasMessageContaining("s1 is full");
    }
  }

  @Test
  void aFencedSlotIsRefusedWithAHintToRetry() throws SQLException {
    long key = 42;
    int slot = router.slotFor(key);
    String owner = router.shardFor(key).id();
    String target = owner.equals("s0") ? "s1" : "s0";
    router.update(router.map().startMove(slot, target).fence(slot));
    SlotFencedException fenced =
        catchThrowableOfType(SlotFencedException.class, () -> shardOf(sharded.forKey(key)));
    assertThat(fenced.getSQLState()).isEqualTo("SHM02");
    assertThat(fenced.slot()).isEqualTo(slot);
    assertThat(fenced.shardId()).isEqualTo(owner);
    assertThat(fenced.mapEpoch()).isEqualTo(router.map().epoch());
    assertThat(fenced.retryAfter()).isPositive();
    assertThat((Throwable) fenced)
        .isInstanceOf(RetryLater.class)
        .hasMessageContaining("slot " + slot)
        .hasMessageContaining("try again");
    router.update(router.map().completeMove(slot));
    assertThat(shardOf(sharded.forKey(key))).isEqualTo(target);
  }

  @Test
  void aFenceOnTheServerReloadsTheMapAndTheCallerMayRetry() throws SQLException {
    QuietStore store = new QuietStore(fleet.map());
    ShardMap first = fleet.map();
    long key = 42;
    try (ShardRouter<Long> following =
            ShardRouter.builder(ShardStrategy.hashedLongs()).store(store).build();
        ShardedDataSource behind =
            ShardedDataSource.builder(following).dataSources(fleet.pools()).build()) {
      int slot = following.slotFor(key);
      String owner = following.shardFor(key).id();
      String target = owner.equals("s0") ? "s1" : "s0";
      fleet.on(
          owner,
          "CREATE OR REPLACE FUNCTION fence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
              + " IF (hashint8extended(NEW.user_id, 0) & "
              + (first.slotCount() - 1)
              + ") = "
              + slot
              + " THEN RAISE EXCEPTION 'slot "
              + slot
              + " has moved' USING ERRCODE = 'SHM01'; END IF; RETURN NEW; END $$",
          "CREATE TRIGGER fence BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION fence()");
      // the move completes, and nobody told this router: it has to learn from the fence
      ShardMap moved = first.startMove(slot, target).completeMove(slot);
      store.map = moved;
      StaleShardMapException stale =
          catchThrowableOfType(StaleShardMapException.class, () -> insert(behind, key));
      assertThat(stale.getSQLState()).isEqualTo("SHM01");
      assertThat(stale.shardId()).isEqualTo(owner);
      assertThat(stale.slot()).isEqualTo(slot);
      assertThat(stale.mapEpoch()).isEqualTo(first.epoch());
      assertThat((Throwable) stale)
          .hasCauseInstanceOf(SQLException.class)
          .hasMessageContaining("retry");
      assertThat(following.map().epoch()).isEqualTo(moved.epoch());
      insert(behind, key);
      fleet.on(target, "DELETE FROM users WHERE user_id = " + key);
      fleet.on(owner, "DROP TRIGGER fence ON users");
    }
  }

  private static void insert(ShardedDataSource to, long key) throws SQLException {
    try (Connection connection = to.forKey(key).getConnection();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO users VALUES (?, 'alice')")) {
      insert.setLong(1, key);
      insert.executeUpdate();
    }
  }

  /** A store that tells nobody of a new map: its watchers poll too seldom, say. */
  private static final class QuietStore implements ShardMapStore {
    private volatile ShardMap map;

    QuietStore(ShardMap map) {
      this.map = map;
    }

    @Override
    public Optional<ShardMap> current() {
      return Optional.of(map);
    }

    @Override
    public boolean compareAndSet(long expectedEpoch, ShardMap next) {
      return false;
    }

    @Override
    public Watch watch(Observer observer) {
      return () -> {};
    }

    @Override
    public void close() {}
  }
}
