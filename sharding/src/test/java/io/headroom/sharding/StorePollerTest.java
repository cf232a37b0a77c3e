package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A watch goes on whatever happens on its thread, and shares nothing with the one before it. */
class StorePollerTest {

  private static final ShardMap MAP = ShardMap.of("a", "b");

  private final List<TestSource> sources = new CopyOnWriteArrayList<>();
  private final StorePoller poller =
      new StorePoller(
          "test store",
          Duration.ofMillis(10),
          () -> {
            TestSource source = new TestSource();
            sources.add(source);
            return source;
          });

  private volatile Supplier<StorePoller.Reading> reading = () -> new StorePoller.Reading(1, MAP);
  private final AtomicInteger woken = new AtomicInteger();
  private final CountDownLatch mayRelease = new CountDownLatch(1);

  /** Reads what the test says; its release is held up. */
  private class TestSource implements StorePoller.Source {

    private final AtomicInteger released = new AtomicInteger();

    @Override
    public StorePoller.Reading read(@Nullable Object seen) {
      return reading.get();
    }

    @Override
    public boolean await(long nanos) throws InterruptedException {
      return woken.getAndDecrement() > 0 || StorePoller.park(nanos);
    }

    @Override
    public void release() {
      boolean interrupted = false;
      while (mayRelease.getCount() > 0) {
        try {
          mayRelease.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      released.incrementAndGet();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @AfterEach
  void close() {
    mayRelease.countDown();
    poller.close();
  }

  @Test
  void aWatchBegunWhileTheLastOneEndsHasASourceOfItsOwn() {
    CompletableFuture<ShardMapStore.Watch> own = new CompletableFuture<>();
    RecordingObserver first =
        new RecordingObserver() {
          @Override
          public void unchanged() {
            // on the watch's own thread, so that it can't wait for its end
            own.join().close();
            super.unchanged();
          }
        };
    own.complete(poller.watch(first));
    await().untilAsserted(() -> assertThat(first.unchanged).hasValue(1));
    RecordingObserver second = new RecordingObserver();
    poller.watch(second);
    await().untilAsserted(() -> assertThat(second.unchanged).hasPositiveValue());
    assertThat(sources).hasSize(2);
    mayRelease.countDown();
    await().untilAsserted(() -> assertThat(sources.get(0).released).hasValue(1));
    assertThat(sources.get(1).released).hasValue(0);
    int told = second.unchanged.get();
    await().untilAsserted(() -> assertThat(second.unchanged).hasValueGreaterThan(told));
    assertThat(first.unchanged).hasValue(1);
    poller.close();
    assertThat(sources.get(1).released).hasValue(1);
  }

  @Test
  void anInterruptThatAnObserverLeavesDoesNotEndTheWatch() {
    RecordingObserver observer =
        new RecordingObserver() {
          @Override
          public void unchanged() {
            super.unchanged();
            Thread.currentThread().interrupt();
          }
        };
    poller.watch(observer);
    await().untilAsserted(() -> assertThat(observer.unchanged).hasValueGreaterThan(2));
  }

  @Test
  void anErrorWhileReadingIsReportedAndTheWatchGoesOn() {
    reading =
        () -> {
          throw new OutOfMemoryError("thrown by a test");
        };
    RecordingObserver observer = new RecordingObserver();
    poller.watch(observer);
    await().untilAsserted(() -> assertThat(observer.failures).isNotEmpty());
    assertThat(observer.failures.get(0))
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessageContaining("test store cannot be read")
        .hasMessageContaining("thrown by a test");
    reading = () -> new StorePoller.Reading(1, MAP);
    await().untilAsserted(() -> assertThat(observer.maps).containsExactly(MAP));
  }

  @Test
  void aWatcherThatIsWokenReadsAgainLongBeforeItsNextPoll() {
    mayRelease.countDown();
    woken.set(2);
    RecordingObserver observer = new RecordingObserver();
    try (StorePoller seldom =
        new StorePoller("test store", Duration.ofDays(1), () -> new TestSource())) {
      seldom.watch(observer);
      await().untilAsserted(() -> assertThat(observer.unchanged).hasValue(2));
    }
  }

  /** So that instances that were started at once do not poll at once. */
  @Test
  void pollsAreApartByTheIntervalWithTwentyPerCentOfJitter() {
    mayRelease.countDown();
    List<Long> waits = new CopyOnWriteArrayList<>();
    CountDownLatch waited = new CountDownLatch(200);
    TestSource recording =
        new TestSource() {
          @Override
          public boolean await(long nanos) throws InterruptedException {
            if (waited.getCount() > 0) {
              waits.add(nanos);
              waited.countDown();
              return false; // as if the time had passed
            }
            return StorePoller.park(nanos);
          }
        };
    long interval = Duration.ofHours(1).toNanos();
    try (StorePoller seldom = new StorePoller("test store", Duration.ofHours(1), () -> recording)) {
      seldom.watch(new RecordingObserver());
      await().until(() -> waited.getCount() == 0);
    }
    assertThat(waits)
        .allSatisfy(nanos -> assertThat(nanos / (double) interval).isBetween(0.8, 1.2));
    // 200 draws all on one side of either mark: once in 10^9 runs
    assertThat(waits).anySatisfy(nanos -> assertThat(nanos / (double) interval).isLessThan(0.84));
    assertThat(waits)
        .anySatisfy(nanos -> assertThat(nanos / (double) interval).isGreaterThan(1.16));
  }

  @Test
  void thoseWhoAreWokenAtOnceReadWithinATenthOfTheInterval() {
    assertThat(StorePoller.spreadNanos(Duration.ofSeconds(5).toNanos()))
        .isEqualTo(Duration.ofMillis(500).toNanos());
    assertThat(StorePoller.spreadNanos(Duration.ofDays(1).toNanos()))
        .isEqualTo(Duration.ofSeconds(1).toNanos());
  }
}
