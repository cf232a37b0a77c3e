package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RouterConcurrencyTest {

  /**
   * Every map puts all slots on one shard, and has more shards than the one before; so a look-up
   * that mixes two maps answers a shard that its map does not name, or leaves the array.
   */
  @Test
  void readersNeverSeeATornMap() throws Exception {
    List<ShardMap> maps = new ArrayList<>();
    for (int epoch = 1; epoch <= 300; epoch++) {
      List<String> owners = new ArrayList<>();
      // doubles, halves and moves the ordinal of the one owner
      int slots = 1 << (epoch % 6);
      for (int slot = 0; slot < slots; slot++) {
        owners.add("shard-" + epoch);
      }
      maps.add(ShardMap.builder().epoch(epoch).owners(owners).build());
    }
    ShardRouter<Long> router = ShardRouter.forLongs(maps.get(0));
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong reads = new AtomicLong();
    ExecutorService readers = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int reader = 0; reader < 3; reader++) {
        running.add(readers.submit(() -> read(router, reads, done)));
      }
      for (int round = 1; round < maps.size(); round++) {
        router.update(maps.get(round));
        long enough = reads.get() + 20;
        await()
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofNanos(1))
            .until(() -> reads.get() >= enough || running.stream().anyMatch(Future::isDone));
      }
      done.set(true);
      for (Future<?> reader : running) {
        reader.get();
      }
    } finally {
      readers.shutdownNow();
    }
    assertThat(router.shardFor(1).id()).isEqualTo("shard-300");
  }

  private static void read(ShardRouter<Long> router, AtomicLong reads, AtomicBoolean done) {
    long key = 0;
    long lastEpoch = 0;
    do {
      RouterSnapshot<Long> snapshot = router.snapshot();
      String expected = "shard-" + snapshot.map().epoch();
      assertThat(snapshot.map().shardAt(snapshot.ordinalFor(key)).id()).isEqualTo(expected);
      long epochBefore = router.map().epoch();
      long seen = Long.parseLong(router.shardFor(key).id().substring("shard-".length()));
      assertThat(seen).isBetween(epochBefore, router.map().epoch());
      assertThat(seen).isGreaterThanOrEqualTo(lastEpoch);
      lastEpoch = seen;
      key++;
      reads.incrementAndGet();
    } while (!done.get());
  }
}
