package io.headroom.sharding;

import static io.headroom.sharding.ShardedDataSourceTest.shardOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.ConnectionHooks;
import io.headroom.jdbc.ConnectionSource;
import io.headroom.jdbc.LazyDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The data sources behind: one for each shard, given or opened on first use. */
class ShardDataSourcesTest {

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
  void shardsAndDataSourcesMustMatchAndAllThatDontAreNamed() {
    Map<String, DataSource> some = new HashMap<>(fleet.pools());
    some.remove("s0");
    some.remove("s2");
    some.put("x1", fleet.pool("s0"));
    some.put("x2", fleet.pool("s0"));
    assertThatThrownBy(() -> ShardedDataSource.builder(router).dataSources(some).build())
        .isInstanceOf(IllegalStateException.class)
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

  private static List<Shard> shards(String... ids) {
    return java.util.Arrays.stream(ids).map(Shard::of).toList();
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
