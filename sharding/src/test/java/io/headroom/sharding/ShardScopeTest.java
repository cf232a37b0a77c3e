package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import io.headroom.testkit.servers.PostgresExtension;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@SuppressWarnings("try") // scopes are opened for what happens meanwhile
class ShardScopeTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static ShardPoolFleet fleet;
  private static ShardRouter<Long> router;
  private static long onS0;
  private static long alsoOnS0;
  private static long onS1;

  private ShardedDataSource sharded;
  private JdbcTemplate jdbc;
  private TransactionTemplate transaction;

  @BeforeAll
  static void createTables() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 3);
    for (String id : fleet.pools().keySet()) {
      fleet.on(
          id,
          "CREATE TABLE whoami (shard text)",
          "INSERT INTO whoami VALUES ('" + id + "')",
          "CREATE TABLE orders (user_id bigint, order_id bigint, PRIMARY KEY (user_id, order_id))");
    }
    router = ShardRouter.forLongs(fleet.map());
    long[] s0 = keysOf("s0");
    onS0 = s0[0];
    alsoOnS0 = s0[1];
    onS1 = keysOf("s1")[0];
  }

  private static long[] keysOf(String shard) {
    return LongStream.range(0, 1000)
        .filter(key -> router.shardFor(key).id().equals(shard))
        .limit(2)
        .toArray();
  }

  @AfterAll
  static void closePools() {
    fleet.close();
  }

  @BeforeEach
  void open() {
    sharded = ShardedDataSource.builder(router).dataSources(fleet.pools()).build();
    jdbc = new JdbcTemplate(sharded);
    transaction = new TransactionTemplate(new DataSourceTransactionManager(sharded));
  }

  @AfterEach
  void nothingLeaks() {
    fleet.assertNothingLeaked();
  }

  private String shard() {
    return jdbc.queryForObject("SELECT shard FROM whoami", String.class);
  }

  @Test
  void plainConnectionsGoToTheScopesShard() {
    try (ShardScope scope = sharded.open(onS0)) {
      assertThat(scope.shardId()).isEqualTo("s0");
      assertThat(shard()).isEqualTo("s0");
    }
    try (ShardScope scope = sharded.open(onS1)) {
      assertThat(scope).hasToString("ShardScope[s1]");
      assertThat(shard()).isEqualTo("s1");
    }
    assertThatThrownBy(this::shard).hasRootCauseInstanceOf(MissingShardKeyException.class);
  }

  @Test
  void aTransactionMayBeginBeforeItsScopeIsOpened() {
    transaction.executeWithoutResult(
        status -> {
          try (ShardScope scope = sharded.open(onS1)) {
            jdbc.update("INSERT INTO orders VALUES (?, 1)", onS1);
          }
        });
    transaction.executeWithoutResult(
        status -> {
          try (ShardScope scope = sharded.open(onS1)) {
            jdbc.update("INSERT INTO orders VALUES (?, 2)", onS1);
            status.setRollbackOnly();
          }
        });
    try (ShardScope scope = sharded.open(onS1)) {
      assertThat(jdbc.queryForList("SELECT order_id FROM orders", Long.class)).containsExactly(1L);
      jdbc.update("DELETE FROM orders");
    }
  }

  @Test
  void aTransactionCannotGoOnInAScopeForAnotherShard() {
    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      try (ShardScope first = sharded.open(onS0)) {
                        assertThat(shard()).isEqualTo("s0");
                      }
                      try (ShardScope second = sharded.open(onS1)) {
                        shard(); // would run on s0
                      }
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'s1'")
        .hasMessageContaining("'s0'")
        .hasMessageContaining("forKey");
  }

  @Test
  void aNestedScopeForAnotherShardIsRefusedWhileAConnectionIsOpen() throws SQLException {
    try (ShardScope outer = sharded.open(onS0)) {
      try (ShardScope inner = sharded.open(onS1)) { // nothing is open yet
        assertThat(shard()).isEqualTo("s1");
      }
      assertThat(shard()).isEqualTo("s0");
      try (Connection connection = sharded.getConnection()) {
        assertThat(ShardedDataSourceTest.shardOf(connection)).isEqualTo("s0");
        assertThatThrownBy(() -> sharded.open(onS1))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("can't be opened while a connection is open on shard 's0'");
        try (ShardScope same = sharded.open(alsoOnS0)) {
          assertThat(shard()).isEqualTo("s0");
        }
        assertThat(ShardedDataSourceTest.shardOf(sharded.forKey(onS1))).isEqualTo("s1");
      }
    }
  }

  @Test
  void aNestedScopeLeftWithItsConnectionOpenIsAnError() throws SQLException {
    try (ShardScope outer = sharded.open(onS0)) {
      ShardScope inner = sharded.open(onS1);
      try (Connection connection = sharded.getConnection()) {
        assertThat(ShardedDataSourceTest.shardOf(connection)).isEqualTo("s1");
        assertThatThrownBy(inner::close)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith(
                "the scope for shard 's1' (ShardedDataSource 'shards' for one key in slot "
                    + router.slotFor(onS1)
                    + ") was closed with a connection still open on shard 's1', within a scope for"
                    + " shard 's0'")
            .hasMessageContaining("wrong shard");
      }
      assertThat(shard()).isEqualTo("s0");
    }
  }

  @Test
  void aConnectionLeftByAScopeOfTheSameShardIsAnErrorFurtherOut() throws SQLException {
    try (ShardScope outer = sharded.open(onS0)) {
      ShardScope middle = sharded.open(onS1);
      ShardScope inner = sharded.open(onS1);
      try (Connection connection = sharded.getConnection()) {
        assertThat(ShardedDataSourceTest.shardOf(connection)).isEqualTo("s1");
        inner.close(); // the scope around it is for the same shard
        assertThatThrownBy(middle::close)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("wrong shard");
      }
      assertThat(shard()).isEqualTo("s0");
    }
  }

  @Test
  void aScopeLeftOpenIsReportedWhereTheOneAroundItIsClosed() {
    ShardScope outer = sharded.open(onS0);
    sharded.open(onS1); // and never closed
    assertThatThrownBy(outer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed before 1 attached after it");
    assertThatThrownBy(this::shard).hasRootCauseInstanceOf(MissingShardKeyException.class);
    RequestContext.Scope request = RequestContext.builder().build().attach();
    sharded.open(onS1);
    assertThatThrownBy(request::close).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(this::shard).hasRootCauseInstanceOf(MissingShardKeyException.class);
  }

  @Test
  void aScopeIsClosedByTheThreadThatOpenedIt() throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (ShardScope scope = sharded.open(onS0)) {
      assertThatThrownBy(() -> other.submit(scope::close).get())
          .hasRootCauseInstanceOf(IllegalStateException.class)
          .hasRootCauseMessage(
              "a RequestContext scope must be closed on the thread that attached it, not on "
                  + other.submit(() -> Thread.currentThread().getName()).get()
                  + ": close it there, and carry the context over with wrap(...)");
      assertThat(shard()).isEqualTo("s0");
    } finally {
      other.shutdown();
    }
  }

  @Test
  void aScopeGoesWhereTheRequestContextIsCarried() throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (ShardScope scope = sharded.open(onS0)) {
      assertThat(other.submit(RequestContext.current().wrap(this::shardOrFail)).get())
          .isEqualTo("s0");
      assertThatThrownBy(() -> other.submit(this::shardOrFail).get())
          .hasRootCauseInstanceOf(MissingShardKeyException.class);
      Connection elsewhere =
          other
              .submit(
                  RequestContext.current()
                      .wrap(
                          () -> {
                            Connection connection = sharded.getConnection();
                            ShardedDataSourceTest.shardOf(connection);
                            return connection;
                          }))
              .get();
      try (elsewhere) {
        assertThatThrownBy(() -> sharded.open(onS1)).hasMessageContaining("'s0'");
      }
      sharded.open(onS1).close();
    } finally {
      other.shutdown();
    }
  }

  private String shardOrFail() throws Exception {
    return shard();
  }

  @Test
  void twoShardedSourcesDoNotMix() throws SQLException {
    try (ShardedDataSource other =
        ShardedDataSource.builder(router).dataSources(fleet.pools()).build()) {
      try (ShardScope ours = sharded.open(onS0);
          ShardScope theirs = other.open(onS1);
          Connection connection = sharded.getConnection()) {
        assertThat(ShardedDataSourceTest.shardOf(connection)).isEqualTo("s0");
        assertThat(ShardedDataSourceTest.shardOf(other)).isEqualTo("s1");
        try (ShardScope again = other.open(onS0)) {
          assertThat(ShardedDataSourceTest.shardOf(other)).isEqualTo("s0");
        }
      }
      try (ShardScope ours = sharded.open(onS0)) {
        assertThatThrownBy(() -> ShardedDataSourceTest.shardOf(other))
            .isInstanceOf(MissingShardKeyException.class);
      }
    }
  }

  @Test
  void whatBeganOnTheMetadataShardDoesNotGoOnInAScope() throws SQLException {
    ShardedDataSource booted =
        ShardedDataSource.builder(router).dataSources(fleet.pools()).metadataShard("s2").build();
    try (Connection connection = booted.getConnection()) {
      assertThat(ShardedDataSourceTest.shardOf(connection)).isEqualTo("s2");
      assertThatThrownBy(() -> booted.open(onS0)).hasMessageContaining("'s2'");
    }
    booted.open(onS0).close();
  }

  @Test
  void aCallHasItsScopeAndHandsBackWhatTheWorkReturns() {
    String where = sharded.call(onS1, this::shard);
    assertThat(where).isEqualTo("s1");
    assertThat(sharded.<String, RuntimeException>call(onS0, () -> null)).isNull();
    assertThatThrownBy(this::shard).hasRootCauseInstanceOf(MissingShardKeyException.class);
  }

  @Test
  void whatTheWorkOfACallThrowsComesThroughAsItIs() {
    IOException checked = new IOException("on purpose");
    assertThatThrownBy(() -> failing(checked)).isSameAs(checked).hasNoSuppressedExceptions();
    assertThatThrownBy(this::shard).hasRootCauseInstanceOf(MissingShardKeyException.class);
  }

  /** The compiler wants no other exception declared. */
  private void failing(IOException checked) throws IOException {
    sharded.call(
        onS0,
        () -> {
          throw checked;
        });
  }

  @Test
  void callsAndScopesNest() throws SQLException {
    String inner =
        sharded.call(
            onS0,
            () -> {
              assertThat(sharded.call(onS1, this::shard)).isEqualTo("s1");
              try (ShardScope scope = sharded.open(onS1)) {
                assertThat(sharded.call(onS0, this::shard)).isEqualTo("s0");
                assertThat(shard()).isEqualTo("s1");
              }
              try (Connection connection = sharded.getConnection()) {
                assertThat(ShardedDataSourceTest.shardOf(connection)).isEqualTo("s0");
                assertThatThrownBy(() -> sharded.call(onS1, this::shard))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("can't be opened while a connection is open");
              }
              return shard();
            });
    assertThat(inner).isEqualTo("s0");
  }

  @Test
  void aScopeLeftOpenInACallEndsWithTheCallAndIsReported() {
    assertThatThrownBy(() -> sharded.call(onS0, () -> sharded.open(onS1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "the scope for shard 's0' (ShardedDataSource 'shards' for one key in slot "
                + router.slotFor(onS0)
                + ") was not closed as it should be: ")
        .hasMessageContaining("closed before 1 attached after it");
    assertThatThrownBy(this::shard).hasRootCauseInstanceOf(MissingShardKeyException.class);
    IOException checked = new IOException("on purpose");
    assertThatThrownBy(
            () ->
                sharded.call(
                    onS0,
                    () -> {
                      sharded.open(onS1);
                      throw checked;
                    }))
        .isSameAs(checked)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
  }

  @Test
  void keysThatCannotBeRoutedOpenNoScope() {
    assertThatThrownBy(() -> sharded.call("alice", this::shard))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sharded.call(onS0, null)).hasMessage("work must not be null");
    assertThatThrownBy(() -> sharded.open("alice")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sharded.open(null)).hasMessageContaining("key must not be null");
    assertThatThrownBy(() -> sharded.call(null, this::shard))
        .hasMessageContaining("key must not be null");
    assertThatThrownBy(this::shard).hasRootCauseInstanceOf(MissingShardKeyException.class);
  }
}
