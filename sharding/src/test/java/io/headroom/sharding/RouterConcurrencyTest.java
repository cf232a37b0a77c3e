package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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

  /**
   * A listener that waits for another updater would wait for ever if it were called in the lock.
   */
  @Test
  void listenersAreToldInOrderAndOutsideTheLock() throws Exception {
    ShardMap first = ShardMap.of("a", "b");
    ShardMap second = first.withPin(1L, "a");
    ShardMap third = second.withPin(2L, "a");
    List<String> heard = new CopyOnWriteArrayList<>();
    ExecutorService other = Executors.newSingleThreadExecutor();
    AtomicReference<ShardRouter<Long>> routers = new AtomicReference<>();
    ShardingListener waits =
        new RecordingListener() {
          @Override
          public void onMapChanged(String router, long fromEpoch, long toEpoch) {
            heard.add("first " + toEpoch);
            if (toEpoch == 2) {
              try {
                other.submit(() -> routers.get().update(third)).get(30, TimeUnit.SECONDS);
              } catch (Exception e) {
                heard.add(e.toString());
              }
            }
          }
        };
    ShardingListener later =
        new RecordingListener() {
          @Override
          public void onMapChanged(String router, long fromEpoch, long toEpoch) {
            heard.add("second " + toEpoch);
          }
        };
    ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.hashedLongs())
            .map(first)
            .listener(waits)
            .listener(later)
            .build();
    routers.set(router);
    router.update(second);
    other.shutdown();
    assertThat(router.map()).isEqualTo(third);
    assertThat(heard).containsExactly("first 2", "second 2", "first 3", "second 3");
  }

  @Test
  void aListenerMayUpdateTheRouter() {
    List<Long> heard = new ArrayList<>();
    AtomicReference<ShardRouter<Long>> routers = new AtomicReference<>();
    ShardMap first = ShardMap.of("a", "b");
    ShardingListener updates =
        new RecordingListener() {
          @Override
          public void onMapChanged(String router, long fromEpoch, long toEpoch) {
            if (toEpoch < 5) {
              routers.get().update(routers.get().map().withPin(toEpoch, "a"));
            }
            heard.add(toEpoch);
          }
        };
    ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.hashedLongs()).map(first).listener(updates).build();
    routers.set(router);
    router.update(first.withPin(1L, "b"));
    assertThat(heard).containsExactly(2L, 3L, 4L, 5L);
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
