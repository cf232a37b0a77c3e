package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits for whose load, for how long, and what becomes of the others when one leaves. */
@SuppressWarnings("try") // scopes are opened for their effect
class WaitingCallersTest {

  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final AtomicInteger loads = new AtomicInteger();
  private final CountDownLatch begun = new CountDownLatch(1);

  private TieredCache<String, String> cache = gated().build();

  private TieredCacheBuilder<String, String> gated() {
    return TieredCache.<String, String>builder(
        "gated",
        key -> {
          int number = loads.incrementAndGet();
          begun.countDown();
          gate.await();
          return key + number;
        });
  }

  @AfterEach
  void end() {
    gate.countDown();
    callers.shutdownNow();
    cache.close();
  }

  private void awaitWaiting(Thread thread) {
    Awaitility.await()
        .until(
            () ->
                thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
  }

  @Test
  void oneLoadsForAThousand() throws Exception {
    int number = 1_000;
    List<Future<String>> answers = new ArrayList<>();
    CyclicBarrier together = new CyclicBarrier(number);
    for (int i = 0; i < number; i++) {
      answers.add(
          callers.submit(
              () -> {
                together.await();
                return cache.get("a");
              }));
    }
    begun.await();
    gate.countDown();
    for (Future<String> answer : answers) {
      assertThat(answer.get()).isEqualTo("a1");
    }
    assertThat(loads).hasValue(1);
    CacheStats stats = cache.stats();
    assertThat(stats.served(Served.LOADED)).isEqualTo(1);
    assertThat(stats.served(Served.JOINED) + stats.served(Served.LOCAL)).isEqualTo(number - 1);
  }

  /** Whatever happens between the look, the reservation and the publication. */
  @Test
  void callersThatComeWhileALoadEndsDoNotLoadAgain() throws Exception {
    int threads = 4;
    int keys = 20_000;
    gate.countDown();
    CyclicBarrier together = new CyclicBarrier(threads);
    cache = gated().maximumEntries(10L * keys).build();
    List<Future<?>> done = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      done.add(
          callers.submit(
              () -> {
                together.await();
                for (int key = 0; key < keys; key++) {
                  cache.get("key " + key);
                }
                return null;
              }));
    }
    for (Future<?> each : done) {
      each.get();
    }
    assertThat(loads).hasValue(keys);
    assertThat(cache.stats().gets()).isEqualTo((long) threads * keys);
  }

  @Test
  void oneWhoIsInterruptedWhileHeLoadsTakesNobodyWithHim() throws Exception {
    Thread[] first = new Thread[1];
    Future<String> interrupted =
        callers.submit(
            () -> {
              first[0] = Thread.currentThread();
              return cache.get("a");
            });
    begun.await();
    Thread[] second = new Thread[1];
    Future<String> other =
        callers.submit(
            () -> {
              second[0] = Thread.currentThread();
              return cache.get("a");
            });
    Awaitility.await().until(() -> second[0] != null);
    awaitWaiting(second[0]);
    first[0].interrupt();
    assertThatThrownBy(interrupted::get)
        .hasCauseInstanceOf(CacheLoadException.class)
        .hasRootCauseInstanceOf(InterruptedException.class);
    gate.countDown();
    assertThat(other.get()).as("loaded by himself").isEqualTo("a2");
  }

  @Test
  void oneWhoIsInterruptedWhileHeWaitsLeavesTheLoadToTheOthers() throws Exception {
    Future<String> loading = callers.submit(() -> cache.get("a"));
    begun.await();
    Thread[] waiting = new Thread[1];
    Future<Boolean> interrupted =
        callers.submit(
            () -> {
              waiting[0] = Thread.currentThread();
              try {
                cache.get("a");
                return false;
              } catch (CacheLoadException e) {
                return Thread.currentThread().isInterrupted();
              }
            });
    Awaitility.await().until(() -> waiting[0] != null);
    awaitWaiting(waiting[0]);
    waiting[0].interrupt();
    assertThat(interrupted.get()).as("and is still interrupted").isTrue();
    gate.countDown();
    assertThat(loading.get()).isEqualTo("a1");
  }

  @Test
  void withAHardTimeOutACallerLeavesAndTheLoadGoesOn() {
    cache = gated().hardTimeout(Duration.ofMillis(20)).build();
    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOfSatisfying(
            CacheLoadTimeoutException.class,
            late -> assertThat(late.waited()).isGreaterThanOrEqualTo(Duration.ofMillis(20)))
        .hasMessageStartingWith("cache 'gated': no value within ");
    gate.countDown();
    Awaitility.await().until(() -> "a1".equals(cache.getIfPresent("a")));
    assertThat(loads).hasValue(1);
  }

  @Test
  void oneWhoWaitsLeavesAtHisOwnDeadline() throws Exception {
    Future<String> loading = callers.submit(() -> cache.get("a"));
    begun.await();
    RequestContext hurried = RequestContext.builder().timeout(Duration.ofMillis(20)).build();
    try (RequestContext.Scope scope = hurried.attach()) {
      assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheLoadTimeoutException.class);
    }
    gate.countDown();
    assertThat(loading.get()).isEqualTo("a1");
  }

  @Test
  void oneWhoAsksForManyHasAllOfTheTimeThatHisLoadHasLeft() throws Exception {
    HandTime time = new HandTime();
    CountDownLatch asked = new CountDownLatch(1);
    cache =
        TieredCache.<String, String>builder(
                "many",
                key -> {
                  if (key.equals("slow")) {
                    asked.countDown();
                    gate.await();
                  } else {
                    time.advance(Duration.ofMinutes(6));
                  }
                  return key;
                })
            .ttl(Duration.ofHours(1))
            .time(time)
            .build();
    Future<String> other = callers.submit(() -> cache.get("slow"));
    asked.await();
    RequestContext request = RequestContext.builder().timeout(Duration.ofMinutes(10), time).build();
    Thread[] waiting = new Thread[1];
    Future<Integer> found =
        callers.submit(
            () -> {
              waiting[0] = Thread.currentThread();
              try (RequestContext.Scope scope = request.attach()) {
                return cache.getAll(List.of("own", "slow")).size();
              }
            });
    Awaitility.await().until(() -> "own".equals(cache.getIfPresent("own")));
    Awaitility.await()
        .until(() -> found.isDone() || waiting[0].getState() == Thread.State.TIMED_WAITING);
    gate.countDown();
    assertThat(found.get()).isEqualTo(2);
    assertThat(other.get()).isEqualTo("slow");
  }

  @Test
  void withASoftTimeOutACallerIsServedWhatIsStale() {
    HandTime time = new HandTime();
    AtomicInteger number = new AtomicInteger();
    cache =
        TieredCache.<String, String>builder(
                "soft",
                key -> {
                  if (number.incrementAndGet() == 2) {
                    gate.await();
                  }
                  return key + number;
                })
            .ttl(Duration.ofMinutes(1))
            .staleFor(Duration.ofMinutes(1))
            .softTimeout(Duration.ofMillis(5))
            .time(time)
            .build();
    assertThat(cache.get("a")).isEqualTo("a1");
    time.advance(Duration.ofMinutes(1));
    assertThat(cache.get("a")).isEqualTo("a1");
    assertThat(cache.stats().served(Served.STALE_SLOW)).isEqualTo(1);
    assertThat(cache.getAsync("a").join()).isEqualTo("a1");
    assertThat(cache.getAll(Set.of("a"))).containsValue("a1");
    gate.countDown();
    Awaitility.await().until(() -> "a2".equals(cache.get("a")));
  }

  @Test
  void loadsOfManyKeysThatHoldEachOtherUpEnd() throws Exception {
    gate.countDown();
    CyclicBarrier together = new CyclicBarrier(2);
    for (int round = 0; round < 200; round++) {
      List<String> keys = List.of("x" + round, "y" + round, "z" + round);
      List<String> turned = List.of("z" + round, "y" + round, "x" + round);
      Future<Integer> one = callers.submit(() -> all(together, keys));
      Future<Integer> other = callers.submit(() -> all(together, turned));
      assertThat(one.get()).isEqualTo(3);
      assertThat(other.get()).isEqualTo(3);
    }
    assertThat(loads).hasValue(600);
  }

  private int all(CyclicBarrier together, List<String> keys) throws Exception {
    together.await();
    return cache.getAll(keys).size();
  }

  @Test
  void threadsOfItsOwnGoWhenItIsClosed() {
    cache = gated().hardTimeout(Duration.ofSeconds(30)).build();
    CompletableFuture<String> answer = cache.getAsync("a");
    gate.countDown();
    assertThat(answer.join()).isEqualTo("a1");
    Set<String> names = new HashSet<>();
    Thread.getAllStackTraces().keySet().forEach(thread -> names.add(thread.getName()));
    assertThat(names).contains("cache-gated-1");
    cache.close();
    cache.close();
    Awaitility.await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("cache-gated")));
    assertThat(cache.get("b")).as("loaded by the caller").isEqualTo("b2");
  }
}
