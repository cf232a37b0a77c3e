package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/** The same services over shards, each of which is a primary and its replica. */
class ShardsTest {

  @RegisterExtension
  static final PostgresExtension postgres =
      PostgresExtension.servers(2).replicas(1).setting("log_statement", "all");

  private static RunningBookshop shop;
  private static ShardedDataSource sharded;
  private static ShardRouter<Long> router;
  private static Catalogue catalogue;

  private StatementLog log;

  @BeforeAll
  static void start() {
    for (int shard = 0; shard < 2; shard++) {
      new ResourceDatabasePopulator(new ClassPathResource("schema.sql"))
          .execute(postgres.dataSource(shard));
      replica(shard).awaitReplayOf(postgres.server(shard));
    }
    shop = RunningBookshop.sharded(postgres);
    sharded = shop.bean(ShardedDataSource.class);
    router = router();
    catalogue = shop.bean(Catalogue.class);
  }

  @AfterAll
  static void stop() {
    shop.close();
  }

  @BeforeEach
  void fromHereOn() {
    awaitCaughtUp();
    List<PostgresServer> servers = new ArrayList<>(postgres.servers());
    servers.addAll(List.of(replica(0), replica(1)));
    log = new StatementLog(servers);
  }

  @AfterEach
  void resume() {
    replica(0).resumeReplay();
    replica(1).resumeReplay();
  }

  private static PostgresServer replica(int shard) {
    return postgres.replicasOf(shard).get(0);
  }

  private static void awaitCaughtUp() {
    replica(0).awaitReplayOf(postgres.server(0));
    replica(1).awaitReplayOf(postgres.server(1));
  }

  @SuppressWarnings("unchecked") // its keys are long, unless the file says otherwise
  private static ShardRouter<Long> router() {
    return (ShardRouter<Long>) shop.bean(ShardRouter.class);
  }

  private static long keyOn(String shard) {
    return LongStream.range(0, 1_000)
        .filter(key -> router.shardFor(key).id().equals(shard))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aScopeNamesTheShardAndTheTransactionTheNode() {
    for (int shard = 0; shard < 2; shard++) {
      long key = keyOn("s" + shard);
      long author = sharded.call(key, () -> catalogue.addAuthor("Mann").getId());
      assertThat(log.sent())
          .containsOnlyKeys(postgres.server(shard).name())
          .allSatisfy((node, sent) -> assertThat(sent).contains("insert author"));
      replica(shard).awaitReplayOf(postgres.server(shard));
      assertThat(sharded.call(key, () -> catalogue.author(author))).isPresent();
      assertThat(log.sent()).containsOnlyKeys(replica(shard).name());
    }
  }

  /** What was written on one shard says nothing of another. */
  @Test
  @SuppressWarnings("try") // the scope is opened for its effect
  void ownWritesAreSeenOnTheirShardWhileItsReplicaIsPaused() {
    long other = sharded.call(keyOn("s1"), () -> catalogue.addAuthor("Broch").getId());
    replica(1).awaitReplayOf(postgres.server(1));
    replica(0).pauseReplay();
    log.forget();
    try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
      long own = sharded.call(keyOn("s0"), () -> catalogue.addAuthor("Musil").getId());
      assertThat(sharded.call(keyOn("s0"), () -> catalogue.author(own))).isPresent();
      assertThat(log.sent()).containsOnlyKeys(postgres.server(0).name());
      assertThat(sharded.call(keyOn("s1"), () -> catalogue.author(other))).isPresent();
      assertThat(log.sent()).containsOnlyKeys(replica(1).name());
    }
  }
}
