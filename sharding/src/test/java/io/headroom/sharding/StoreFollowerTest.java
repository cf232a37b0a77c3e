package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.headroom.TimeSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How a router lives with its store. */
class StoreFollowerTest {

  private static final ShardMap FIRST = ShardMap.of("a", "b");
  private static final ShardMap SECOND = FIRST.withPin(1L, "a");
  private static final ShardMap THIRD = SECOND.withPin(2L, "a");

  private final StubStore store = new StubStore(FIRST);
  private final RecordingListener listener = new RecordingListener();
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);

  private final TimeSource time =
      new TimeSource() {
        @Override
        public long nanoTime() {
          return now.get();
        }

        @Override
        public Instant wallTime() {
          throw new AssertionError("nothing here needs the time of day");
        }
      };

  private ShardRouter<Long> router() {
    return ShardRouter.builder(ShardStrategy.hashedLongs())
        .name("users")
        .store(store)
        .listener(listener)
        .time(time)
        .build();
  }

  /** What was heard in whichever test. */
  @AfterEach
  void eventsNameTheirRouter() {
    assertThat(listener.toldOf).isSubsetOf("users");
  }

  @Test
  void anEmptyOrUnreachableStoreFailsTheStart() {
    store.map = null;
    assertThatThrownBy(this::router)
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessageContaining("router 'users' cannot start: stub store is empty")
        .hasMessageContaining("compareAndSet(0, map)");
    store.failure = new ShardMapStoreException("connection refused");
    assertThatThrownBy(this::router).hasCause(store.failure);
    store.failure = null;
    store.map = ShardMap.ofOwners(List.of("a", "b", "c"));
    assertThatThrownBy(this::router)
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("3 slots");
    assertThat(store.observer).isNull();
  }

  @Test
  void aLostStoreIsReportedOnceAndSoIsItsReturn() {
    ShardRouter<Long> router = router();
    ShardMapStoreException down = new ShardMapStoreException("down");
    store.observer.failed(down);
    now.addAndGet(1_000);
    store.observer.failed(down);
    store.observer.failed(new ShardMapStoreException("still down"));
    assertThat(listener.lost).containsExactly(down);
    assertThat(listener.readsFailed).hasValue(3);
    assertThat(router.counts().storeLost()).isTrue();
    assertThat(router.map()).isEqualTo(FIRST);
    assertThat(router.mapAgeNanos()).isEqualTo(1_000);
    now.addAndGet(500);
    store.observer.unchanged();
    store.observer.unchanged();
    assertThat(listener.back).containsExactly(1_500L);
    assertThat(router.counts().storeLost()).isFalse();
    assertThat(router.mapAgeNanos()).isZero();
  }

  @Test
  void theLogHasOneWarningForALossAndOneLineForTheReturn() {
    Logger logger = (Logger) LoggerFactory.getLogger(ShardRouter.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(log);
    try {
      router();
      for (int i = 0; i < 20; i++) {
        store.observer.failed(new ShardMapStoreException("down"));
      }
      now.addAndGet(3_000_000_000L);
      store.observer.unchanged();
      store.observer.unchanged();
      store.observer.failed(new ShardMapStoreException("down again"));
    } finally {
      logger.detachAppender(log);
      logger.setAdditive(true);
      logger.setLevel(null);
    }
    assertThat(log.list)
        .extracting(event -> event.getLevel() + " " + event.getFormattedMessage())
        .containsExactly(
            "WARN router 'users' goes on with the map of epoch 1, since stub store gives no better"
                + " one: down",
            "INFO router 'users' follows stub store again, at epoch 1 after 3000 ms",
            "WARN router 'users' goes on with the map of epoch 1, since stub store gives no better"
                + " one: down again");
  }

  @Test
  void aRefusedMapIsNotMendedByStayingTheSame() {
    ShardRouter<Long> router = router();
    ShardMap unfit = ShardMap.ofOwners(List.of("a", "b", "c")).withPin(1L, "a");
    store.map = unfit;
    store.observer.changed(unfit);
    store.observer.unchanged();
    assertThat(listener.lost).hasSize(1);
    assertThat(listener.refused).hasSize(1);
    assertThat(listener.back).isEmpty();
    assertThat(router.map()).isEqualTo(FIRST);
    store.observer.changed(THIRD);
    assertThat(listener.back).hasSize(1);
    assertThat(router.map()).isEqualTo(THIRD);
    assertThat(listener.changes).containsExactly(3L);
  }

  @Test
  void aRefusedMapIsNotMendedByALossInBetween() {
    ShardRouter<Long> router = router();
    store.observer.changed(ShardMap.ofOwners(List.of("a", "b", "c")).withPin(1L, "a"));
    store.observer.failed(new ShardMapStoreException("down"));
    store.observer.unchanged();
    assertThat(listener.lost).hasSize(1);
    assertThat(listener.back).isEmpty();
    assertThat(router.counts().storeLost()).isTrue();
  }

  @Test
  void aBadMapThatOnlyARefreshSawIsMendedByTheWatch() {
    ShardRouter<Long> router = router();
    store.map = ShardMap.ofOwners(List.of("a", "b", "c")).withPin(1L, "a");
    assertThat(router.refresh()).isFalse();
    assertThat(listener.lost).hasSize(1);
    store.map = FIRST;
    store.observer.unchanged();
    assertThat(listener.back).hasSize(1);
    assertThat(router.map()).isEqualTo(FIRST);
  }

  @Test
  void anOvertakenReadIsReadAgainBeforeItIsCalledARelapse() {
    ShardRouter<Long> router = router();
    store.map = SECOND;
    router.refresh();
    store.observer.changed(FIRST);
    assertThat(listener.lost).isEmpty();
    assertThat(router.map()).isEqualTo(SECOND);
    store.map = FIRST;
    store.observer.changed(FIRST);
    assertThat(listener.lost).hasSize(1);
    assertThat(listener.lost.get(0)).hasMessageContaining("epoch 1");
    assertThat(router.map()).isEqualTo(SECOND);
  }

  @Test
  void aRefreshBringsTheNewestMapOrTellsOfTheFailure() {
    ShardRouter<Long> router = router();
    assertThat(router.refresh()).isFalse();
    store.map = SECOND;
    assertThat(router.refresh()).isTrue();
    assertThat(router.map()).isEqualTo(SECOND);
    int reads = store.reads.get();
    assertThat(router.refreshBeyond(1)).isTrue();
    assertThat(store.reads).hasValue(reads);
    store.failure = new ShardMapStoreException("down");
    assertThat(router.refresh()).isFalse();
    assertThat(listener.lost).containsExactly(store.failure);
    store.failure = null;
    store.map = null;
    assertThat(router.refresh()).isFalse();
    assertThat(listener.lost).hasSize(1);
    store.map = THIRD;
    assertThat(router.refresh()).isTrue();
    assertThat(listener.back).hasSize(1);
    assertThat(listener.refreshes).containsExactly(false, true, true, false, false, true);
  }

  @Test
  void aStormOfRefreshesSharesTheReads() throws InterruptedException {
    ShardRouter<Long> router = router();
    int before = store.reads.get();
    store.permits.drainPermits();
    store.map = SECOND;
    AtomicInteger newer = new AtomicInteger();
    List<Thread> storm = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Thread caller = new Thread(() -> newer.addAndGet(router.refresh() ? 1 : 0));
      caller.start();
      storm.add(caller);
    }
    // all but the one that reads stand in line
    await()
        .until(
            () -> storm.stream().filter(t -> t.getState() == Thread.State.BLOCKED).count() == 49);
    store.permits.release(Integer.MAX_VALUE);
    for (Thread caller : storm) {
      caller.join();
    }
    assertThat(newer).hasValue(50);
    // one read was under way when the others came, and one more serves them all
    assertThat(store.reads.get() - before).isLessThanOrEqualTo(2);
  }

  @Test
  void listenersThatThrowDoNotHarm() {
    ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.hashedLongs())
            .name("users")
            .store(store)
            .listener(
                new ShardingListener() {
                  @Override
                  public void onMapChanged(String router, long fromEpoch, long toEpoch) {
                    throw new IllegalStateException("thrown by a test");
                  }
                })
            .listener(listener)
            .build();
    router.update(SECOND);
    assertThat(listener.changes).containsExactly(2L);
    assertThat(router.map()).isEqualTo(SECOND);
  }

  @Test
  void closingEndsTheWatchOnly() {
    ShardRouter<Long> router = router();
    router.close();
    assertThat(store.watchesClosed).hasValue(1);
    assertThat(router.shardFor(5)).isNotNull();
  }
}
