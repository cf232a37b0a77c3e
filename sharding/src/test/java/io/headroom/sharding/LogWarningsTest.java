package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.LoggerFactory;

/** What an operator is warned of: once, and with what to do. */
class LogWarningsTest {

  @Test
  void fewSlotsForManyShards() {
    String warning =
        "WARN the map has 64 slots for 2 shards, about 32 each: shares will be uneven, some shards"
            + " may own none; take more slots, or balance exactly by rebalance(...).assign()";
    assertThat(logOf(Bootstrap.class, () -> of(64, 2))).containsExactly(warning);
    assertThat(logOf(Bootstrap.class, () -> of(128, 2)))
        .as("64 slots a shard")
        .singleElement()
        .asString()
        .startsWith("WARN the map has 128 slots for 2 shards, about 64 each");
    assertThat(logOf(Bootstrap.class, () -> of(256, 2))).as("128 slots a shard").isEmpty();
    assertThat(logOf(Bootstrap.class, () -> of(1, 1))).as("nothing to share").isEmpty();
    assertThat(logOf(Bootstrap.class, () -> ofRegions())).as("a region each").hasSize(2);
  }

  private static void of(int slots, int shards) {
    ShardMap.builder().slots(slots).shards(shards(shards)).build();
  }

  private static void ofRegions() {
    ShardMap.builder()
        .slots(64)
        .regions("eu", "us")
        .shards(
            IntStream.range(0, 4)
                .mapToObj(i -> Shard.of("s" + i).withRegion(i % 2 == 0 ? "eu" : "us"))
                .toList())
        .build();
  }

  private static List<Shard> shards(int number) {
    return IntStream.range(0, number).mapToObj(i -> Shard.of("s" + i)).toList();
  }

  @Test
  void aMapWithAShardThatHasNoDataSource() {
    ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("s0"));
    ShardedDataSource sharded =
        ShardedDataSource.builder(router).dataSource("s0", new PGSimpleDataSource()).build();
    ShardMap larger = ShardMap.builder().epoch(2).shards(shards(3)).build();
    assertThat(
            logOf(
                ShardedDataSource.class,
                () -> {
                  router.update(larger);
                  router.update(larger.withPin(1L, "s1"));
                }))
        .as("once for each shard")
        .containsExactly(
            "WARN the shard map of epoch 2 has shards without a data source: [s1, s2]; what is"
                + " asked of them fails until the application is started with one for each");
    sharded.close();
  }

  private static List<String> logOf(Class<?> logging, Runnable work) {
    Logger logger = (Logger) LoggerFactory.getLogger(logging);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(log);
    try {
      work.run();
    } finally {
      logger.detachAppender(log);
      logger.setAdditive(true);
      logger.setLevel(null);
    }
    return log.list.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }
}
