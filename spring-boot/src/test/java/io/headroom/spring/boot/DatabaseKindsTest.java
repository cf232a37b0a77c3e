package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.jdbc.LazyDataSource;
import io.headroom.routing.NodeView;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.sharding.MissingShardKeyException;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Which data source there is, by what is configured, on real servers. */
@ExtendWith(OutputCaptureExtension.class)
class DatabaseKindsTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(2).replicas(1);

  private static final String GUARD = "headroom.guard.enabled=true";

  private static String url(PostgresServer server) {
    return server.jdbcUrl(postgres.database()) + "&connectTimeout=1&socketTimeout=5";
  }

  private static String primary(String at, int number) {
    return at + ".primary.url=" + url(postgres.server(number));
  }

  private static String replica(String at, int number) {
    return at + ".replicas.b.url=" + url(postgres.replicasOf(number).get(0));
  }

  private static ApplicationContextRunner sharded(String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    for (int shard = 0; shard < 2; shard++) {
      all.add(primary("headroom.database.shards.s" + shard, shard));
      all.add(replica("headroom.database.shards.s" + shard, shard));
    }
    return Applications.bare().withPropertyValues(all.toArray(String[]::new));
  }

  private static long portByJdbc(JdbcTemplate jdbc) {
    return jdbc.queryForObject("SELECT inet_server_port()", Long.class);
  }

  @Test
  void oneServerIsAPoolAndIsClosedWithTheApplication() {
    List<HikariDataSource> pools = new ArrayList<>();
    Applications.bare()
        .withPropertyValues(
            primary("headroom.database", 0),
            "headroom.database.name=orders",
            "headroom.database.pool.maximum-size=7",
            "headroom.database.primary.pool.minimum-idle=2",
            "headroom.database.pool.minimum-idle=5",
            "headroom.database.pool.data-source-properties.ApplicationName=seven")
        .run(
            context -> {
              HikariDataSource pool = context.getBean(HikariDataSource.class);
              assertThat(pool.getPoolName()).isEqualTo("orders");
              assertThat(pool.getMaximumPoolSize()).isEqualTo(7);
              assertThat(pool.getMinimumIdle()).isEqualTo(2);
              assertThat(
                      context
                          .getBean(JdbcTemplate.class)
                          .queryForObject("SHOW application_name", String.class))
                  .isEqualTo("seven");
              pools.add(pool);
            });
    assertThat(pools).singleElement().satisfies(pool -> assertThat(pool.isClosed()).isTrue());
  }

  @Test
  void oneServerWithAGuardIsAGuardedPool() {
    Applications.bare()
        .withPropertyValues(primary("headroom.database", 0), GUARD)
        .run(
            context -> {
              DataSource guarded = context.getBean(DataSource.class);
              assertThat(guarded).isInstanceOf(LazyDataSource.class);
              assertThat(guarded.isWrapperFor(HikariDataSource.class)).isTrue();
              assertThat(context.getBean(GuardedPools.class).names()).containsExactly("database");
              assertThat(portByJdbc(context.getBean(JdbcTemplate.class)))
                  .isEqualTo(postgres.server(0).port());
            });
  }

  @Test
  void replicasServeReadOnlyTransactions() {
    Applications.bare()
        .withPropertyValues(primary("headroom.database", 0), replica("headroom.database", 0), GUARD)
        .run(
            context -> {
              assertThat(context.getBean(ReplicaDataSource.class).nodes())
                  .extracting(NodeView::name)
                  .containsExactly("primary", "b");
              JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
              TransactionTemplate reads =
                  new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
              reads.setReadOnly(true);
              assertThat(reads.<Long>execute(status -> portByJdbc(jdbc)))
                  .isEqualTo(postgres.replicasOf(0).get(0).port());
              assertThat(portByJdbc(jdbc)).isEqualTo(postgres.server(0).port());
              assertThat(context.getBean(GuardedPools.class).names())
                  .containsExactly("database", "database/b");
            });
  }

  @Test
  void everyOptionOfReplicasCanBeSet(@TempDir Path folder) {
    Applications.bare()
        .withPropertyValues(
            primary("headroom.database", 0),
            replica("headroom.database", 0),
            "headroom.database.primary.name=a",
            "headroom.database.primary.zone=east",
            "headroom.database.primary.pool.max-lifetime=10m",
            "headroom.database.replicas.b.zone=west",
            "headroom.database.replicas.b.weight=2",
            "headroom.database.replicas.b.backup=true",
            "headroom.database.replicas.b.pool.keepalive-time=1m",
            "headroom.database.replicas.b.pool.data-source-properties.ApplicationName=reads",
            "headroom.database.pool.idle-timeout=1m",
            "headroom.database.pool.validation-timeout=500ms",
            "headroom.database.pool.connection-timeout=1s",
            "headroom.database.routing.consistency=bounded",
            "headroom.database.routing.maximum-lag=5s",
            "headroom.database.routing.local-zone=west",
            "headroom.database.routing.probe-interval=200ms",
            "headroom.database.routing.probe-timeout=900ms",
            "headroom.database.routing.replica-wait=50ms",
            "headroom.database.routing.primary-wait=2s",
            "headroom.database.routing.primary-spill=5",
            "headroom.database.routing.timelines=" + folder.resolve("timelines"))
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(ReplicaDataSource.class).nodes())
                  .extracting(NodeView::name)
                  .containsExactly("a", "b");
              HikariDataSource pool = context.getBean(Databases.class).pools().get("database/b");
              assertThat(pool.getKeepaliveTime()).isEqualTo(60_000);
              assertThat(pool.getIdleTimeout()).isEqualTo(60_000);
              assertThat(pool.getConnectionTimeout()).isEqualTo(1_000);
              assertThat(pool.getDataSourceProperties()).containsEntry("ApplicationName", "reads");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"eventual", "read-your-writes", "monotonic", "strong"})
  void everyConsistencyCanBeAskedFor(String consistency) {
    Applications.bare()
        .withPropertyValues(
            primary("headroom.database", 0),
            replica("headroom.database", 0),
            "headroom.database.routing.consistency=" + consistency)
        .run(
            context -> {
              JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
              TransactionTemplate reads =
                  new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
              reads.setReadOnly(true);
              PostgresServer expected =
                  consistency.equals("strong") ? postgres.server(0) : postgres.replicasOf(0).get(0);
              assertThat(reads.<Long>execute(status -> portByJdbc(jdbc)))
                  .isEqualTo(expected.port());
            });
  }

  @Test
  void aTimelineFileThatIsNoneStopsTheStart(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("timelines"), "something else");
    Applications.bare()
        .withPropertyValues(
            primary("headroom.database", 0),
            replica("headroom.database", 0),
            "headroom.database.routing.timelines=" + file)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("headroom.database.routing.timelines"));
  }

  @Test
  void shardsAreFoundByTheirKeysAndReplicasServeTheirReads() {
    sharded(GUARD)
        .run(
            context -> {
              ShardedDataSource sharded = context.getBean(ShardedDataSource.class);
              @SuppressWarnings("unchecked") // keys are long unless set
              ShardRouter<Long> router = (ShardRouter<Long>) context.getBean(ShardRouter.class);
              JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
              TransactionTemplate reads =
                  new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
              reads.setReadOnly(true);
              for (long key = 0; key < 8; key++) {
                int shard = router.shardFor(key).id().equals("s0") ? 0 : 1;
                assertThat(sharded.<Long, RuntimeException>call(key, () -> portByJdbc(jdbc)))
                    .isEqualTo(postgres.server(shard).port());
                assertThat(
                        sharded.<Long, RuntimeException>call(
                            key, () -> reads.<Long>execute(status -> portByJdbc(jdbc))))
                    .isEqualTo(postgres.replicasOf(shard).get(0).port());
              }
              assertThatThrownBy(() -> portByJdbc(jdbc))
                  .hasRootCauseInstanceOf(MissingShardKeyException.class);
              assertThat(context.getBean(GuardedPools.class).names())
                  .containsExactlyInAnyOrder("s0", "s0/b", "s1", "s1/b");
            });
  }

  @Test
  void aMetadataShardTakesReadsWithoutAKey() {
    sharded("headroom.database.sharding.metadata-shard=s1")
        .run(
            context ->
                assertThat(portByJdbc(context.getBean(JdbcTemplate.class)))
                    .isIn(
                        (long) postgres.server(1).port(),
                        (long) postgres.replicasOf(1).get(0).port()));
  }

  @Test
  void keysMayBeTextsOrUuids() {
    sharded("headroom.database.sharding.key=string")
        .run(
            context ->
                assertThat(context.getBean(ShardedDataSource.class).forKey("x")).isNotNull());
    sharded("headroom.database.sharding.key=uuid")
        .run(
            context ->
                assertThat(context.getBean(ShardedDataSource.class).forKey(new UUID(1, 2)))
                    .isNotNull());
  }

  @Test
  void theMapMayComeFromAFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("map.json");
    ShardMap map = ShardMap.of("s0", "s1").withPin(5L, "s1");
    Files.writeString(file, map.toJson());
    sharded("headroom.database.sharding.map-file=" + file)
        .run(
            context ->
                assertThat(context.getBean(ShardRouter.class).map().fingerprint())
                    .isEqualTo(map.fingerprint()));
  }

  /** What an application brings itself. */
  @Configuration(proxyBeanMethods = false)
  static class Own {

    @Bean
    ShardRouter<Long> ownRouter() {
      return ShardRouter.forLongs(ShardMap.of("s0", "s1").withPin(7L, "s1"));
    }
  }

  @Test
  void anOwnRouterIsTaken() {
    sharded()
        .withUserConfiguration(Own.class)
        .run(
            context -> {
              assertThat(context).hasSingleBean(ShardRouter.class);
              assertThat(context.getBean(ShardedDataSource.class).router().map().hasPins())
                  .isTrue();
            });
  }

  /** An application's data source in the place of all of ours. */
  @Configuration(proxyBeanMethods = false)
  static class OwnDataSource {

    @Bean(destroyMethod = "close")
    HikariDataSource mine() {
      HikariDataSource mine = new HikariDataSource();
      mine.setJdbcUrl(url(postgres.server(1)));
      return mine;
    }
  }

  @Test
  void anOwnDataSourceIsTakenAndTheOtherIsSaidNotToBe(CapturedOutput output) {
    Applications.bare()
        .withPropertyValues(primary("headroom.database", 0))
        .withUserConfiguration(OwnDataSource.class)
        .run(
            context -> {
              assertThat(context).doesNotHaveBean(Databases.class);
              assertThat(output).contains("headroom.database is not used", "[mine]");
              assertThat(portByJdbc(context.getBean(JdbcTemplate.class)))
                  .isEqualTo(postgres.server(1).port());
            });
  }

  @Test
  void theApplicationsOwnPoolIsGuardedByOneLine() {
    Applications.bare()
        .withPropertyValues(
            "spring.datasource.url=" + url(postgres.server(0)),
            "spring.datasource.hikari.maximum-pool-size=3",
            GUARD)
        .run(
            context -> {
              DataSource guarded = context.getBean(DataSource.class);
              assertThat(guarded).isInstanceOf(LazyDataSource.class);
              assertThat(context.getBean(GuardedPools.class).names()).containsExactly("dataSource");
              assertThat(portByJdbc(context.getBean(JdbcTemplate.class)))
                  .isEqualTo(postgres.server(0).port());
              assertThat(context.getBean(GuardedPools.class).guard().status("dataSource").size())
                  .isEqualTo(3);
            });
  }

  @Test
  void whatIsNotUsedIsSaid(CapturedOutput output) {
    Applications.plain()
        .withPropertyValues(primary("headroom.database", 0))
        .run(context -> assertThat(output).contains("spring.datasource.url is not used"));
  }

  /** No pool at all. */
  @Configuration(proxyBeanMethods = false)
  static class NoPool {

    @Bean
    DataSource unpooled() {
      return postgres.server(0).dataSource();
    }
  }

  @Test
  void aGuardWithoutAPoolIsSaid(CapturedOutput output) {
    Applications.bare()
        .withPropertyValues(GUARD)
        .withUserConfiguration(NoPool.class)
        .run(context -> assertThat(output).contains("there is no pool to guard"));
  }
}
