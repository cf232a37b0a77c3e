package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.BorrowTarget;
import io.headroom.jdbc.ConnectionHooks;
import io.headroom.jdbc.ConnectionSource;
import io.headroom.jdbc.LazyDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

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
  void shardsAndDataSourcesMustMatchAndAllThatDontAreNamed() {
    Map<String, DataSource> some = new HashMap<>(fleet.pools());
    some.remove("s0");
    some.remove("s2");
    some.put("x1", fleet.pool("s0"));
    some.put("x2", fleet.pool("s0"));
    assertThatThrownBy(() -> ShardedDataSource.builder(router).dataSources(some).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without a data source: [s0, s2]")
        .hasMessageContaining("without a shard: [x1, x2]");
  }

  @Test
  void anOptionSetTwiceIsRefused() {
    HikariDataSource pool = fleet.pool("s0");
    ShardedDataSource.Builder builder =
        ShardedDataSource.builder(router)
            .dataSource("s0", pool)
            .metadataShard("s0")
            .borrowHook(target -> {})
            .dataSources(shard -> pool);
    assertThatThrownBy(() -> builder.dataSource("s0", pool)).hasMessageContaining("'s0'");
    assertThatThrownBy(() -> builder.writableMetadataShard("s1")).hasMessageContaining("twice");
    assertThatThrownBy(() -> builder.borrowHook(target -> {})).hasMessageContaining("borrowHook");
    assertThatThrownBy(() -> builder.dataSources(shard -> pool)).hasMessageContaining("twice");
    builder.dataSources(Map.of("s1", pool));
    assertThatThrownBy(() -> builder.dataSources(Map.of("s2", pool))).hasMessageContaining("Map");
    assertThatThrownBy(
            () ->
                ShardedDataSource.builder(router)
                    .dataSources(fleet.pools())
                    .metadataShard("nowhere")
                    .build())
        .hasMessageContaining("nowhere");
  }

  @Test
  void aNewShardWithoutADataSourceFailsWhereItIsUsedOnly() throws SQLException {
    assertThat(sharded.pools().missing()).isEmpty();
    router.update(ShardMap.builder().epoch(2).shards(shards("s0", "s1", "s2", "s3")).build());
    assertThat(sharded.pools().missing()).as("warned of with the map").containsExactly("s3");
    assertThat(shardOf(sharded.forShard("s0"))).isEqualTo("s0");
    assertThatThrownBy(() -> shardOf(sharded.forShard("s3")))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("'s3' has no data source")
        .hasMessageContaining("dataSource(\"s3\"");
  }

  @Test
  void dataSourcesOpenedOnFirstUseAreClosedWithUs() throws SQLException {
    List<String> opened = new ArrayList<>();
    List<String> closed = new ArrayList<>();
    AtomicInteger failures = new AtomicInteger();
    ShardedDataSource lazy =
        ShardedDataSource.builder(router)
            .dataSource("s0", fleet.pool("s0"))
            .dataSources(
                shard -> {
                  if (shard.id().equals("s2") && failures.getAndIncrement() == 0) {
                    throw new IllegalStateException("no password for " + shard.id());
                  }
                  opened.add(shard.id());
                  return new ClosableView(fleet.pool(shard.id()), () -> closed.add(shard.id()));
                })
            .build();
    assertThat(opened).isEmpty();
    assertThat(shardOf(lazy.forShard("s0"))).isEqualTo("s0");
    assertThat(shardOf(lazy.forShard("s1"))).isEqualTo("s1");
    assertThat(shardOf(lazy.forShard("s1"))).isEqualTo("s1");
    assertThat(opened).containsExactly("s1");
    assertThatThrownBy(() -> shardOf(lazy.forShard("s2")))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("'s2' could not be opened")
        .hasMessageContaining("no password");
    assertThat(shardOf(lazy.forShard("s2"))).as("asked again").isEqualTo("s2");
    lazy.close();
    lazy.close();
    assertThat(closed).containsExactlyInAnyOrder("s1", "s2");
    assertThat(fleet.pool("s0").isClosed()).isFalse();
    assertThatThrownBy(() -> shardOf(lazy.forShard("s1"))).hasMessageContaining("closed");
  }

  @Test
  void aShardsOwnLazySourceIsAskedForItsPhysicalConnection() throws SQLException {
    List<String> events = new ArrayList<>();
    class Inner extends LazyDataSource {
      private final ConnectionSource pool = ConnectionSource.of(fleet.pool("s0"));

      @Override
      public Binding bind(BindRequest request) throws SQLException {
        events.add("inner readOnly=" + request.readOnly());
        return pool.bind(request)
            .within(
                new ConnectionHooks() {
                  @Override
                  public void onClose() {
                    events.add("inner closed");
                  }
                });
      }
    }
    ShardRouter<Long> one = ShardRouter.forLongs(ShardMap.of("s0"));
    try (ShardedDataSource nested =
            ShardedDataSource.builder(one).dataSource("s0", new Inner()).build();
        Connection connection = nested.forKey(1L).getConnection()) {
      connection.setReadOnly(true);
      assertThat(shardOf(connection)).isEqualTo("s0");
      assertThat(connection.unwrap(com.zaxxer.hikari.pool.ProxyConnection.class)).isNotNull();
    }
    assertThat(events).contains("inner readOnly=true", "inner closed");
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
            ShardRouter.<Long>builder(ShardStrategy.hashed(io.headroom.KeyType.INTEGER))
                .store(store)
                .build();
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

  /** A data source with a close of its own. */
  private static final class ClosableView extends LazyDataSource implements AutoCloseable {
    private final ConnectionSource pool;
    private final Runnable onClose;

    ClosableView(DataSource pool, Runnable onClose) {
      this.pool = ConnectionSource.of(pool);
      this.onClose = onClose;
    }

    @Override
    public Binding bind(BindRequest request) throws SQLException {
      return pool.bind(request);
    }

    @Override
    public void close() {
      onClose.run();
    }
  }
}
