package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLNonTransientException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;

/** What is told to who made a mistake: what happened, to which named thing, and the mend. */
class MessagesTest {

  private final ShardRouter<Long> router =
      ShardRouter.forLongs(ShardMap.of("a", "b", "c", "d", "e", "f", "g"));
  private final ShardedDataSource sharded =
      ShardedDataSource.builder(router).dataSources(MessagesTest::neverOpened).build();

  private static DataSource neverOpened(Shard shard) {
    throw new IllegalStateException("shard " + shard.id() + " was not to be reached");
  }

  @Test
  void aKeyOfNull() {
    String message =
        "ShardedDataSource 'shards': the shard key must not be null, since no shard owns null";
    assertThatThrownBy(() -> sharded.forKey(null)).hasMessage(message);
    assertThatThrownBy(() -> sharded.open(null)).hasMessage(message);
    assertThatThrownBy(() -> sharded.call(null, () -> 1)).hasMessage(message);
    assertThatThrownBy(() -> router.shardFor((Long) null))
        .hasMessage("router 'shards': key must not be null");
  }

  @Test
  void aMetadataShardThatIsNotInTheMap() {
    assertThatThrownBy(
            () ->
                ShardedDataSource.builder(router)
                    .dataSources(MessagesTest::neverOpened)
                    .metadataShard("x")
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "metadataShard(\"x\"): shard 'x' is not in the map, which has 7 shards: 'a', 'b', 'c',"
                + " 'd', 'e', …; check the spelling, or add it by a rebalance");
  }

  @Test
  void pinsThatMakeNoSense() {
    ShardMapBuilder builder = ShardMap.builder().shard("small").shard("large").pin(4711, "small");
    assertThatThrownBy(() -> builder.pin(4711L, "large"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the key integer '4711' is pinned twice, to 'small' and to 'large': remove one pin"
                + " (integers of all types are one key)");
    assertThatThrownBy(() -> builder.pin(null, "small"))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("pin(null, \"small\"): the key must not be null");
    assertThatThrownBy(() -> builder.pin("acme", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("pin of text 'acme': shardId must not be null");
    assertThatThrownBy(() -> builder.pin(1.5, "small"))
        .hasMessage(
            "a key of type java.lang.Double can't be pinned: give a Long, Integer, Short, Byte,"
                + " String, UUID or byte[]");
    assertThatThrownBy(() -> builder.pin("acme", "lagre").build())
        .isInstanceOf(UnknownShardException.class)
        .hasMessage(
            "pin of text 'acme': shard 'lagre' is not in the map, which has 2 shards: 'large',"
                + " 'small'; check the spelling, or add it by a rebalance");
  }

  /** The executor begins nothing, so that no shard can answer. */
  @Test
  void aScatterThatIsTooLate() {
    try (Scatter scatter = Scatter.builder(sharded).executor(task -> {}).build()) {
      assertThatThrownBy(
              () -> scatter.query("SELECT 1", row -> 1).timeout(Duration.ofMillis(20)).toList())
          .isInstanceOf(ScatterException.class)
          .hasMessage(
              "7 of 7 shards had not answered when the scatter's timeout passed 20 ms after its"
                  + " start: 'a', 'b', 'c', 'd', 'e' and 2 more. Give it a longer timeout(...), or"
                  + " ask fewer shards by forKeys(...) or onShards(...); toPartialList() and"
                  + " reducePartially() make do with the shards that answer in time");
      assertThatThrownBy(
              () ->
                  scatter
                      .query("SELECT 1", row -> 1)
                      .onShards(List.of(router.map().shard("c")))
                      .timeout(Duration.ofMillis(20))
                      .toList())
          .hasMessageStartingWith("1 of 1 shard had not answered when ")
          .hasMessageContaining(": 'c'. Give it");
    }
  }

  /** A class or state of failed connections would set off retries and alarms about the database. */
  @Test
  void aMissingKeyIsNoFailureOfAResource() {
    assertThatThrownBy(() -> new JdbcTemplate(sharded).queryForList("SELECT 1"))
        .isExactlyInstanceOf(UncategorizedSQLException.class)
        .isNotInstanceOf(NonTransientDataAccessResourceException.class)
        .hasMessageContaining("SQL state [SHK01]")
        .cause()
        .isInstanceOf(MissingShardKeyException.class)
        .isInstanceOf(SQLNonTransientException.class)
        .isNotInstanceOf(SQLTransientException.class)
        .hasMessageStartingWith("no shard key for a statement on ShardedDataSource 'shards'.")
        .hasMessageContaining("call(key, () -> ...)");
  }
}
