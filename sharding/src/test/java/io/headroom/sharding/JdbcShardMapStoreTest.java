package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JdbcShardMapStoreTest extends ShardMapStoreContract {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).exclusive();

  private static final Duration OFTEN = Duration.ofMillis(50);

  /** Long enough that whatever is seen within a test was not seen by polling. */
  private static final Duration NEVER = Duration.ofDays(1);

  @BeforeEach
  void emptyTable() throws SQLException {
    execute("DROP TABLE IF EXISTS " + JdbcShardMapStore.DEFAULT_TABLE);
    ShardMapStore.jdbc(dataSource()).createTable();
  }

  private static DataSource dataSource() {
    return postgres.dataSource(0);
  }

  @Override
  JdbcShardMapStore open() {
    return polling(OFTEN);
  }

  private static JdbcShardMapStore polling(Duration interval) {
    return JdbcShardMapStore.builder(dataSource()).pollInterval(interval).build();
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static ShardRouter<Long> follow(ShardMapStore store, ShardingListener listener) {
    return ShardRouter.builder(ShardStrategy.hashedLongs()).store(store).listener(listener).build();
  }

  @Test
  void aNotificationWakesAWatcher() {
    RecordingObserver observer = new RecordingObserver();
    try (JdbcShardMapStore store = polling(NEVER)) {
      store.compareAndSet(0, FIRST);
      store.watch(observer);
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(FIRST));
      assertThat(ShardMapStore.jdbc(dataSource()).compareAndSet(1, SECOND)).isTrue();
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(SECOND));
    }
  }

  @Test
  void aWatchThroughAPoolIsWokenToo() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(postgres.jdbcUrl(0));
    config.setMaximumPoolSize(2);
    config.setAutoCommit(false);
    RecordingObserver observer = new RecordingObserver();
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcShardMapStore store = JdbcShardMapStore.builder(pool).pollInterval(NEVER).build()) {
      store.compareAndSet(0, FIRST);
      ShardMapStore.Watch watch = store.watch(observer);
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(FIRST));
      assertThat(store.compareAndSet(1, SECOND)).isTrue();
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(SECOND));
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
      watch.close();
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
      assertThat(store.current()).contains(SECOND);
    }
  }

  @Test
  void aDriverThatCannotListenIsPolled() throws Exception {
    DataSource unwrappable =
        (DataSource)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, args) -> withoutUnwrap(dataSource().getConnection()));
    RecordingObserver observer = new RecordingObserver();
    try (JdbcShardMapStore store =
        JdbcShardMapStore.builder(unwrappable).pollInterval(OFTEN).build()) {
      store.compareAndSet(0, FIRST);
      store.watch(observer);
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(FIRST));
      store.compareAndSet(1, SECOND);
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(SECOND));
      await().untilAsserted(() -> assertThat(observer.unchanged).hasPositiveValue());
    }
  }

  @Test
  void aStoreThatOnlyPollsKeepsNoConnection() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(postgres.jdbcUrl(0));
    config.setMaximumPoolSize(1); // a listening connection would leave none for the writer
    RecordingObserver observer = new RecordingObserver();
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcShardMapStore store =
            JdbcShardMapStore.builder(pool).pollInterval(OFTEN).pollOnly().build()) {
      store.compareAndSet(0, FIRST);
      store.watch(observer);
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(FIRST));
      assertThat(store.compareAndSet(1, SECOND)).isTrue();
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(SECOND));
    }
    assertThat(observer.failures).isEmpty();
    assertThatThrownBy(() -> JdbcShardMapStore.builder(dataSource()).pollOnly().pollOnly())
        .hasMessageContaining("pollOnly is set twice");
  }

  private Connection withoutUnwrap(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, args) ->
                method.getName().equals("isWrapperFor") ? false : method.invoke(connection, args));
  }

  @Test
  void aRouterOutlivesAServerThatIsKilledAndRestarted() {
    RecordingListener listener = new RecordingListener();
    try (JdbcShardMapStore store = polling(OFTEN)) {
      store.compareAndSet(0, FIRST);
      ShardRouter<Long> router = follow(store, listener);
      postgres.server(0).kill();
      await().untilAsserted(() -> assertThat(listener.readsFailed).hasValueGreaterThan(3));
      assertThat(listener.lost).hasSize(1);
      assertThat(listener.back).isEmpty();
      assertThat(router.map()).isEqualTo(FIRST);
      assertThat(router.shardFor(42)).isEqualTo(ShardRouter.forLongs(FIRST).shardFor(42));
      assertThat(router.refresh()).isFalse();
      assertThatThrownBy(() -> follow(store, listener))
          .isInstanceOf(ShardMapStoreException.class)
          .hasMessageContaining("shard map 'default' in table headroom_shard_map: cannot read");

      postgres.server(0).restart();
      await().atMost(Duration.ofSeconds(30)).until(() -> listener.back.size() == 1);
      assertThat(store.compareAndSet(1, SECOND)).isTrue();
      await().untilAsserted(() -> assertThat(router.map()).isEqualTo(SECOND));
      assertThat(listener.lost).hasSize(1);
      router.close();
    }
  }

  @Test
  void aServerThatHangsIsGivenUp() {
    RecordingListener listener = new RecordingListener();
    try (JdbcShardMapStore store =
        JdbcShardMapStore.builder(dataSource())
            .pollInterval(OFTEN)
            .timeout(Duration.ofMillis(300))
            .build()) {
      store.compareAndSet(0, FIRST);
      ShardRouter<Long> router = follow(store, listener);
      RecordingObserver observer = new RecordingObserver();
      store.watch(observer);
      // a log-in to a server that hangs has the data source's own time-out, here none
      await().untilAsserted(() -> assertThat(observer.unchanged).hasPositiveValue());
      postgres.server(0).stop();
      try {
        await().until(() -> listener.lost.size() == 1);
        assertThat(router.map()).isEqualTo(FIRST);
      } finally {
        postgres.server(0).resume();
      }
      await().until(() -> listener.back.size() == 1);
      router.close();
    }
  }

  @Test
  void aRowThatIsNoMapIsRefusedWithTheReason() throws Exception {
    RecordingListener listener = new RecordingListener();
    try (JdbcShardMapStore store = polling(OFTEN)) {
      store.compareAndSet(0, FIRST);
      ShardRouter<Long> router = follow(store, listener);
      execute("UPDATE headroom_shard_map SET epoch = 2, map = '{'");
      await().until(() -> listener.lost.size() == 1);
      assertThat(listener.lost.get(0))
          .isInstanceOf(ShardMapException.class)
          .hasMessageContaining("shard map 'default' in table headroom_shard_map");
      assertThat(router.map()).isEqualTo(FIRST);
      execute("UPDATE headroom_shard_map SET map = '" + FIRST.toJson() + "'");
      assertThatThrownBy(store::current)
          .hasMessageContaining("row of epoch 2")
          .hasMessageContaining("a map of epoch 1");
      execute("UPDATE headroom_shard_map SET epoch = 1");
      await().until(() -> listener.back.size() == 1);
      execute("DELETE FROM headroom_shard_map");
      await().until(() -> listener.lost.size() == 2);
      assertThat(listener.lost.get(1)).hasMessageContaining("is empty");
      assertThat(router.map()).isEqualTo(FIRST);
      router.close();
    }
  }

  @Test
  void theTableIsCreatedByManyAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        running.add(
            threads.submit(
                () ->
                    JdbcShardMapStore.builder(dataSource())
                        .table("public.raced")
                        .build()
                        .createTable()));
      }
      for (Future<?> creator : running) {
        creator.get();
      }
    } finally {
      threads.shutdownNow();
    }
    JdbcShardMapStore store =
        JdbcShardMapStore.builder(dataSource()).table("public.raced").mapName("orders").build();
    assertThat(store.compareAndSet(0, FIRST)).isTrue();
    assertThat(store.current()).contains(FIRST);
    assertThat(
            JdbcShardMapStore.builder(dataSource())
                .table("public.raced")
                .mapName("users")
                .build()
                .current())
        .isEmpty();
  }

  @Test
  void aMissingTableIsNamedWithTheMend() {
    JdbcShardMapStore store = JdbcShardMapStore.builder(dataSource()).table("missing").build();
    assertThatThrownBy(store::current)
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessageContaining("createTable()")
        .hasMessageContaining("42P01");
  }

  @Test
  void aDatabaseOfAnotherEncodingIsRefused() throws Exception {
    execute("DROP DATABASE IF EXISTS latin");
    execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    JdbcShardMapStore store = ShardMapStore.jdbc(postgres.server(0).dataSource("latin"));
    assertThatThrownBy(store::current)
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessageContaining("LATIN1")
        .hasMessageContaining("UTF8");
    execute("DROP DATABASE latin");
  }

  @Test
  void connectionsGoBackAsTheyCame() throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(postgres.jdbcUrl(0));
    config.setMaximumPoolSize(1);
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcShardMapStore store = JdbcShardMapStore.builder(pool).build()) {
      store.compareAndSet(0, FIRST);
      assertThat(store.current()).contains(FIRST);
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_listening_channels()")) {
        row.next();
        assertThat(row.getInt(1)).isZero();
        assertThat(connection.getAutoCommit()).isTrue();
        assertThat(connection.getNetworkTimeout()).isZero();
      }
    }
  }

  @Test
  void anUnpooledConnectionGoesBackAsItCame() throws Exception {
    try (Connection only = dataSource().getConnection()) {
      only.setAutoCommit(false);
      Connection shared =
          (Connection)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {Connection.class},
                  (proxy, method, args) ->
                      method.getName().equals("close") ? null : method.invoke(only, args));
      DataSource lender =
          (DataSource)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {DataSource.class},
                  (proxy, method, args) -> shared);
      RecordingObserver observer = new RecordingObserver();
      JdbcShardMapStore store = JdbcShardMapStore.builder(lender).pollInterval(OFTEN).build();
      assertThat(store.compareAndSet(0, FIRST)).isTrue();
      assertThat(only.getAutoCommit()).isFalse();
      ShardMapStore.Watch watch = store.watch(observer);
      await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(FIRST));
      watch.close();
      assertThat(only.getAutoCommit()).isFalse();
      assertThat(only.getNetworkTimeout()).isZero();
    }
  }

  @Test
  void aWriterThatIsBeatenUnderAStricterIsolationHasLostAndNotFailed() throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(postgres.jdbcUrl(0));
    config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
    config.setMaximumPoolSize(4);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcShardMapStore store = JdbcShardMapStore.builder(pool).build()) {
      store.compareAndSet(0, FIRST);
      List<Future<List<Long>>> running = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        running.add(threads.submit(() -> MapWriter.race(store, 15)));
      }
      List<Long> won = new ArrayList<>();
      for (Future<List<Long>> writer : running) {
        won.addAll(writer.get());
      }
      assertThat(won).doesNotHaveDuplicates().hasSize(15);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void optionsAreChecked() {
    JdbcShardMapStore.Builder builder = JdbcShardMapStore.builder(dataSource());
    assertThatThrownBy(() -> builder.table("Robert'); DROP TABLE students;--"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Robert");
    assertThatThrownBy(() -> builder.table("a".repeat(64))).hasMessageContaining("63");
    assertThatThrownBy(() -> builder.mapName(" ")).hasMessageContaining("mapName");
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO)).hasMessageContaining("timeout");
    assertThatThrownBy(() -> builder.pollInterval(Duration.ofDays(2)))
        .hasMessageContaining("pollInterval");
    assertThatThrownBy(() -> builder.mapName("a").mapName("b"))
        .hasMessage("store: mapName is set twice: set it once");
    assertThat(builder.build().toString()).isEqualTo("shard map 'a' in table headroom_shard_map");
  }
}
