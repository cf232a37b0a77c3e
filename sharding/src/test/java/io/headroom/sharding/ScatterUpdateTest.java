package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Writes to many shards, each for itself: an outcome for every one. */
class ScatterUpdateTest {

  private static final Duration SOON = Duration.ofMillis(400);

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(3);

  private static UserFleet fleet;

  private ShardRouter<Long> router;
  private ShardedDataSource sharded;
  private Scatter scatter;

  @BeforeAll
  static void load() throws SQLException {
    fleet = UserFleet.over(postgres);
  }

  @AfterAll
  static void closePools() {
    fleet.close();
  }

  @BeforeEach
  void open() {
    router = fleet.router;
    sharded = fleet.source();
    scatter = sharded.scatter();
  }

  @AfterEach
  void nothingLeaks() throws SQLException {
    fleet.assertSound();
    sharded.close();
  }

  @Test
  void anUpdateOfWholeShardsWaitsForTheirFences() throws SQLException {
    ShardRouter<Long> moving = ShardRouter.forLongs(fleet.pools.map());
    int slot = moving.slotFor(fleet.firstKeyOf("s0"));
    moving.update(moving.map().startMove(slot, "s1"));
    try (ShardedDataSource source =
        ShardedDataSource.builder(moving).dataSources(fleet.pools.pools()).build()) {
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
                  .forKeys(List.of(fleet.firstKeyOf("s1")))
                  .run())
          .containsOnlyKeys("s1");
      assertThat(all.query("SELECT count(*) FROM users", row -> row.getLong(1)).toList())
          .hasSize(3);
    }
  }

  @Test
  void tellsTheOutcomeOfAnUpdateForEachShard() throws SQLException {
    fleet.pools.onAll("DELETE FROM notes");
    Map<String, ShardOutcome> done =
        scatter
            .updateEachShardSeparately("INSERT INTO notes VALUES (?)")
            .bind(statement -> statement.setInt(1, 7))
            .run();
    assertThat(done.keySet()).containsExactly("s0", "s1", "s2");
    assertThat(done.values()).allMatch(ShardOutcome::isDone).allMatch(o -> o.updatedRows() == 1);
    fleet.pools.on("s1", "ALTER TABLE notes ADD CONSTRAINT small CHECK (note < 100)");
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
      fleet.pools.on("s1", "ALTER TABLE notes DROP CONSTRAINT small");
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
                .dataSource("s0", fleet.pools.pool("s0"))
                .dataSource("s1", fleet.pools.pool("s1"))
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
}
