package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every store of shard maps does. */
abstract class ShardMapStoreContract {

  static final ShardMap FIRST = ShardMap.of("a", "b", "c");
  static final ShardMap SECOND = FIRST.withPin(1L, "a");
  static final ShardMap THIRD = SECOND.withPin(2L, "b");

  private final List<ShardMapStore> opened = new ArrayList<>();

  /** Another store on the same, at first empty, storage; polled often. */
  abstract ShardMapStore open() throws Exception;

  final ShardMapStore store() throws Exception {
    ShardMapStore store = open();
    opened.add(store);
    return store;
  }

  @AfterEach
  void closeStores() {
    opened.forEach(ShardMapStore::close);
    opened.forEach(ShardMapStore::close);
    assertThat(pollers()).as("threads left behind").isEmpty();
  }

  private static List<String> pollers() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("headroom-watch"))
        .toList();
  }

  @Test
  void whatIsStoredIsRead() throws Exception {
    ShardMapStore store = store();
    assertThat(store.current()).isEmpty();
    assertThat(store.compareAndSet(0, FIRST)).isTrue();
    assertThat(store.current()).contains(FIRST);
    assertThat(store.compareAndSet(1, SECOND)).isTrue();
    assertThat(store.current()).contains(SECOND);
  }

  @Test
  void onlyTheExpectedEpochIsReplaced() throws Exception {
    ShardMapStore store = store();
    assertThat(store.compareAndSet(1, SECOND)).isFalse();
    assertThat(store.current()).isEmpty();
    assertThat(store.compareAndSet(0, FIRST)).isTrue();
    assertThat(store.compareAndSet(0, SECOND)).isFalse();
    assertThat(store.compareAndSet(2, THIRD)).isFalse();
    assertThat(store.current()).contains(FIRST);
  }

  @Test
  void anEpochThatIsNotHigherIsAnError() throws Exception {
    ShardMapStore store = store();
    assertThatThrownBy(() -> store.compareAndSet(1, FIRST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("epoch 1 must be higher than the expected epoch 1");
    assertThatThrownBy(() -> store.compareAndSet(-1, FIRST)).hasMessageContaining("-1");
  }

  @Test
  void oneOfManyWritersWinsEachEpoch() throws Exception {
    int writers = 4;
    int epochs = 15;
    store().compareAndSet(0, FIRST);
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<List<Long>>> running = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        ShardMapStore store = store();
        Callable<List<Long>> race =
            () -> {
              start.await();
              return MapWriter.race(store, epochs);
            };
        running.add(threads.submit(race));
      }
      start.countDown();
      List<Long> won = new ArrayList<>();
      for (Future<List<Long>> writer : running) {
        won.addAll(writer.get());
      }
      assertThat(won).doesNotHaveDuplicates().hasSize(epochs);
      assertThat(store().current().orElseThrow().epoch()).isEqualTo(epochs + 1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aWatchTellsOfEachNewMap() throws Exception {
    ShardMapStore watched = store();
    ShardMapStore writer = watched instanceof InMemoryShardMapStore ? watched : store();
    writer.compareAndSet(0, FIRST);
    RecordingObserver observer = new RecordingObserver();
    ShardMapStore.Watch watch = watched.watch(observer);
    await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(FIRST));
    writer.compareAndSet(1, SECOND);
    await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(SECOND));
    RecordingObserver late = new RecordingObserver();
    ShardMapStore.Watch lateWatch = watched.watch(late);
    await().untilAsserted(() -> assertThat(late.last()).isEqualTo(SECOND));
    watch.close();
    watch.close();
    writer.compareAndSet(2, THIRD);
    await().untilAsserted(() -> assertThat(late.last()).isEqualTo(THIRD));
    assertThat(observer.maps).containsExactly(FIRST, SECOND);
    lateWatch.close();
    assertThat(observer.failures).isEmpty();
    assertThat(late.failures).isEmpty();
  }

  @Test
  void aWatchOfAnEmptyStoreSaysSo() throws Exception {
    ShardMapStore store = store();
    RecordingObserver observer = new RecordingObserver();
    store.watch(observer);
    await().untilAsserted(() -> assertThat(observer.failures).isNotEmpty());
    assertThat(observer.failures.get(0))
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessageMatching(".* is (empty|missing)");
    store.compareAndSet(0, FIRST);
    await().untilAsserted(() -> assertThat(observer.last()).isEqualTo(FIRST));
  }

  @Test
  void aClosedStoreIsNotWatched() throws Exception {
    ShardMapStore store = store();
    store.close();
    assertThatThrownBy(() -> store.watch(new RecordingObserver()))
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void anObserverThatThrowsIsToldOn() throws Exception {
    ShardMapStore store = store();
    store.compareAndSet(0, FIRST);
    RecordingObserver observer =
        new RecordingObserver() {
          @Override
          public void changed(ShardMap map) {
            super.changed(map);
            throw new IllegalStateException("thrown by a test");
          }
        };
    store.watch(observer);
    await().untilAsserted(() -> assertThat(observer.maps).contains(FIRST));
    store.compareAndSet(1, SECOND);
    await().untilAsserted(() -> assertThat(observer.maps).contains(SECOND));
  }

  @Test
  void aRouterFollowsItsStore() throws Exception {
    ShardMapStore store = store();
    store.compareAndSet(0, FIRST);
    try (ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.hashedLongs()).store(store).build()) {
      assertThat(router.map()).isEqualTo(FIRST);
      store.compareAndSet(1, SECOND);
      await().untilAsserted(() -> assertThat(router.map()).isEqualTo(SECOND));
      store.compareAndSet(2, THIRD);
      assertThat(router.refreshBeyond(2)).isTrue();
      assertThat(router.map()).isEqualTo(THIRD);
    }
  }
}
