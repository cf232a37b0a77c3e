package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLNonTransientException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
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
        "ShardedDataSource 'shards': the shard key must not be null, since no shard owns null; work"
            + " without a key goes to forShard(id)";
    assertThatThrownBy(() -> sharded.forKey(null)).hasMessage(message);
    assertThatThrownBy(() -> sharded.open(null)).hasMessage(message);
    assertThatThrownBy(() -> sharded.call(null, () -> 1)).hasMessage(message);
    assertThatThrownBy(() -> router.shardFor((Long) null))
        .hasMessage(
            "router 'shards': the key must not be null, since no shard owns null; give each row a"
                + " key");
  }

  @Test
  void aMetadataShardThatIsNotInTheMap() {
    assertThatThrownBy(
            () ->
                ShardedDataSource.builder(router)
                    .dataSources(MessagesTest::neverOpened)
                    .metadataShard("x")
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "metadataShard(\"x\"): shard 'x' is not in the map, which has 7 shards: 'a', 'b', 'c',"
                + " 'd', 'e', …; check the spelling, or add it by a rebalance");
  }

  @Test
  void pinsThatMakeNoSense() {
    ShardMapBuilder builder = ShardMap.builder().shard("small").shard("large").pin(4711, "small");
    assertThatThrownBy(() -> builder.pin(4711L, "large"))
        .isInstanceOf(IllegalStateException.class)
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

  @Test
  void shardsThatMakeNoSense() {
    assertThatThrownBy(() -> Shard.of("a").withWeight(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "shard 'a' has weight 0.0: give it a number from 1.0E-9 to 1.0E15; to take its slots"
                + " away, set it to DRAINING");
    assertThatThrownBy(() -> ShardMap.of("a", "b", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shard 'a' is given twice: ids must be distinct, remove one");
    assertThatThrownBy(() -> ShardMap.ofOwners(List.of("a", "b", "a")).withoutShard("a"))
        .isInstanceOf(ShardMapException.class)
        .hasMessage(
            "shard 'a' can't be removed: it still owns 2 slots of 3; move them away first, by"
                + " rebalance(membership().without(\"a\"))");
  }

  @Test
  void rangesThatDoNotMeet() {
    assertThatThrownBy(
            () -> ShardStrategy.longRanges().between(1, 1000, "a").between(1002, 2000, "b").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "there is a gap between ranges 1 to 1000 (a) and 1002 to 2000 (b): 1001 belongs to"
                + " neither; extend one of them, or add a range between");
    assertThatThrownBy(
            () -> ShardStrategy.longRanges().between(1, 1000, "a").between(900, 2000, "b").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "ranges 1 to 1000 (a) and 900 to 2000 (b) overlap at 900: end the one before the other"
                + " begins");
  }

  @Test
  void aMapThatIsBehind() {
    router.update(ShardMap.builder().epoch(5).shard("a").build());
    assertThatThrownBy(() -> router.update(ShardMap.builder().epoch(4).shard("a").build()))
        .isInstanceOf(ShardMapException.class)
        .hasMessage(
            "router 'shards' refuses the map of epoch 4, since epoch 5 is in force; a map that"
                + " takes back a change needs a higher epoch");
  }

  @Test
  void aStoreThatCannotBeReachedAtTheStart() {
    StubStore store = new StubStore(ShardMap.of("a"));
    store.failure = new ShardMapStoreException("stub store: cannot read: connection refused");
    assertThatThrownBy(() -> ShardRouter.builder(ShardStrategy.hashedLongs()).store(store).build())
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessage(
            "router 'shards' cannot start without its first map: stub store: cannot read:"
                + " connection refused. See that the store can be reached from here, and start"
                + " again; or start with map(...), which follows no store")
        .hasCause(store.failure);
  }

  @Test
  void dataSourcesThatDoNotMatchTheShards() {
    ShardRouter<Long> one = ShardRouter.forLongs(ShardMap.of("a"));
    assertThatThrownBy(
            () -> ShardedDataSource.builder(one).dataSource("b", new PGSimpleDataSource()).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "shards without a data source: [a]; data sources without a shard: [b] (check their"
                + " spelling, or leave them out); the map of epoch 1 has 1 shards, and"
                + " dataSource(id, ...) must be set for each, or dataSources(Function)");
  }

  @Test
  void numbersOutOfRange() {
    assertThatThrownBy(() -> Scatter.builder(sharded).shardsAtATime(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shardsAtATime must be 1 or more, was -1; leave it out for the default");
    try (Scatter scatter = Scatter.builder(sharded).build()) {
      assertThatThrownBy(() -> scatter.query("SELECT 1", row -> 1).limit(-1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("limit must be 1 or more, was -1; leave it out to get every row");
    }
  }

  @Test
  void anOptionThatIsSetTwice() {
    Scatter.Builder scatter = Scatter.builder(sharded).threads(2).timeout(Duration.ofSeconds(1));
    assertThatThrownBy(() -> scatter.threads(3))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("scatter: threads is set twice: set it once");
    assertThatThrownBy(() -> scatter.timeout(Duration.ofSeconds(2)))
        .hasMessage("scatter: timeout is set twice: set it once");
    try (Scatter built = scatter.build()) {
      setTwice("ordered", built, query -> query.ordered(Comparator.naturalOrder()));
      setTwice("limit", built, query -> query.limit(1));
      setTwice("ownedBy", built, query -> query.ownedBy(row -> 1L));
      setTwice("fetchSize", built, query -> query.fetchSize(1));
      setTwice("timeout", built, query -> query.timeout(Duration.ofSeconds(1)));
    }
  }

  private static void setTwice(
      String option, Scatter scatter, Consumer<ScatterQuery<Integer>> set) {
    ScatterQuery<Integer> query = scatter.query("SELECT 1", row -> 1);
    set.accept(query);
    assertThatThrownBy(() -> set.accept(query))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("scatter: " + option + " is set twice: set it once");
  }

  /** Else an update that nobody ran would look like one that did nothing. */
  @Test
  void aScatterSaysWhatItIsAndWhetherItRan() throws Exception {
    try (Scatter scatter = Scatter.builder(sharded).build()) {
      ScatterUpdate update = scatter.updateEachShardSeparately("DELETE FROM sessions");
      assertThat(update)
          .hasToString(
              "ScatterUpdate[not run yet: DELETE FROM sessions, over ShardedDataSource 'shards']");
      update.onShards(List.of()).run();
      assertThat(update)
          .hasToString("ScatterUpdate[DELETE FROM sessions, over ShardedDataSource 'shards']");
      assertThat(scatter.query("SELECT 1", row -> 1))
          .hasToString("ScatterQuery[not run yet: SELECT 1, over ShardedDataSource 'shards']");
    }
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
