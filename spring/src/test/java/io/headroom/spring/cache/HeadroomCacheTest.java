package io.headroom.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import io.headroom.cache.CacheLoadTimeoutException;
import io.headroom.cache.TieredCache;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.cache.Cache;

/** What Spring expects of a cache, and a caller of its exceptions. */
class HeadroomCacheTest {

  private HeadroomCacheManager manager =
      HeadroomCacheManager.builder().cache("profiles", cache -> {}).build();
  private HeadroomCache cache = manager.getCache("profiles");

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void itHasANameAndACacheBehindIt() {
    assertThat(cache.getName()).isEqualTo("profiles");
    assertThat(cache.getNativeCache()).isInstanceOf(TieredCache.class);
    assertThat(cache.getNativeCache().name()).isEqualTo("profiles");
    assertThat(cache.toString()).contains("profiles");
  }

  @Test
  void whatIsNotThereIsNull() {
    assertThat(cache.get("key")).isNull();
    assertThat(cache.get("key", String.class)).isNull();
    assertThat(cache.retrieve("key")).isNull();
  }

  @Test
  void whatWasPutIsThere() {
    cache.put("key", "value");

    assertThat(cache.get("key").get()).isEqualTo("value");
    assertThat(cache.get("key", String.class)).isEqualTo("value");
    assertThat(cache.get("key", (Class<?>) null)).isEqualTo("value");
    assertThat(cache.get("key", () -> "another")).isEqualTo("value");
    assertThat(valueOf(cache.retrieve("key"))).isEqualTo("value");
    assertThat(cache.retrieve("key", () -> CompletableFuture.completedFuture("another")).join())
        .isEqualTo("value");
  }

  @Test
  void aValueOfAnotherTypeIsRefused() {
    cache.put("key", "value");

    assertThatIllegalStateException()
        .isThrownBy(() -> cache.get("key", Integer.class))
        .withMessageContaining("java.lang.Integer");
  }

  @Test
  void aNullIsAnAnswer() {
    cache.put("put", null);
    assertThat(cache.<Object>get("loaded", () -> null)).isNull();
    CompletableFuture<Object> none = CompletableFuture.completedFuture(null);
    assertThat(cache.retrieve("retrieved", () -> none).join()).isNull();

    for (String key : List.of("put", "loaded", "retrieved")) {
      assertThat(cache.get(key)).as(key).isNotNull();
      assertThat(cache.get(key).get()).as(key).isNull();
      assertThat(cache.get(key, String.class)).as(key).isNull();
      assertThat(cache.<Object>get(key, () -> "another")).as(key).isNull();
      assertThat(valueOf(cache.retrieve(key))).as(key).isNull();
      assertThat(cache.putIfAbsent(key, "another").get()).as(key).isNull();
    }
  }

  @Test
  void aNullIsRefusedWhereItIsNotAllowed() {
    HeadroomCache strict =
        HeadroomCacheManager.builder()
            .allowNullValues(false)
            .cache("strict", options -> {})
            .build()
            .getCache("strict");

    assertThatIllegalArgumentException().isThrownBy(() -> strict.put("key", null));
    assertThatIllegalArgumentException().isThrownBy(() -> strict.putIfAbsent("key", null));
    assertThatThrownBy(() -> strict.get("key", () -> null))
        .isInstanceOf(Cache.ValueRetrievalException.class)
        .hasCauseInstanceOf(IllegalArgumentException.class);
    strict.put("key", "value");
    assertThat(strict.retrieve("key").join()).isEqualTo("value");
  }

  @Test
  void whatWasEvictedIsNotThere() {
    cache.put("key", "value");
    cache.put("other", "value");

    cache.evict("key");

    assertThat(cache.get("key")).isNull();
    assertThat(cache.get("other")).isNotNull();
  }

  @Test
  void whoEvictsCanLearnWhetherItWasThere() {
    cache.put("key", null);

    assertThat(cache.evictIfPresent("key")).isTrue();
    assertThat(cache.get("key")).isNull();
    assertThat(cache.evictIfPresent("key")).isFalse();
  }

  @Test
  void whatWasClearedIsNotThere() {
    cache.put("key", "value");
    cache.clear();
    assertThat(cache.get("key")).isNull();

    cache.evict("key"); // ends what this thread has looked up
    cache.put("key", "dropped");
    cache.put("key", "value");
    assertThat(cache.invalidate()).isTrue();
    assertThat(cache.get("key")).isNull();
  }

  @Test
  void onlyTheFirstIsPutIfAbsent() {
    assertThat(cache.putIfAbsent("key", "first")).isNull();
    assertThat(cache.putIfAbsent("key", "second").get()).isEqualTo("first");
    assertThat(cache.get("key").get()).isEqualTo("first");
  }

  @Test
  void whatIsNotThereIsLoaded() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Callable<Integer> loader = calls::incrementAndGet;

    assertThat(cache.get("key", loader)).isEqualTo(1);
    assertThat(cache.get("key", loader)).isEqualTo(1);
    cache.evict("key");
    assertThat(cache.get("key", loader)).isEqualTo(2);
  }

  @Test
  void aLoadersFailureIsTheCause() {
    IOException failure = new IOException("the database is down");

    assertThatThrownBy(
            () ->
                cache.get(
                    "key",
                    () -> {
                      throw failure;
                    }))
        .isInstanceOfSatisfying(
            Cache.ValueRetrievalException.class, e -> assertThat(e.getKey()).isEqualTo("key"))
        .hasCause(failure);
    assertThat(cache.get("key", () -> "value")).isEqualTo("value");
  }

  @Test
  void aStaleValueIsServedWhileTheDatabaseIsDown() {
    AtomicLong nanos = new AtomicLong();
    TimeSource time =
        new TimeSource() {
          @Override
          public long nanoTime() {
            return nanos.get();
          }

          @Override
          public Instant wallTime() {
            return Instant.EPOCH;
          }
        };
    manager =
        HeadroomCacheManager.builder()
            .cache("profiles", options -> options.staleFor(Duration.ofMinutes(10)).time(time))
            .build();
    cache = manager.getCache("profiles");
    Callable<String> failing =
        () -> {
          throw new IOException("the database is down");
        };

    cache.put("key", "value");
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());

    assertThat(cache.get("key")).isNull();
    assertThat(cache.get("key", failing)).isEqualTo("value");
  }

  @Test
  void oneLoadsForAll() throws Exception {
    int callers = 16;
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      CountDownLatch allThere = new CountDownLatch(callers);
      AtomicInteger calls = new AtomicInteger();
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        answers.add(
            threads.submit(
                () -> {
                  allThere.countDown();
                  return cache.get(
                      "key",
                      () -> {
                        allThere.await();
                        return calls.incrementAndGet();
                      });
                }));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(1);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void oneRetrievesForAll() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    CompletableFuture<String> first = cache.retrieve("key", () -> answer);
    CompletableFuture<String> second = cache.retrieve("key", CompletableFuture::new);
    CompletableFuture<String> leaver = cache.retrieve("key", CompletableFuture::new);

    leaver.cancel(true);
    answer.complete("value");

    assertThat(first.join()).isEqualTo("value");
    assertThat(second.join()).isEqualTo("value");
    assertThat(cache.get("key").get()).isEqualTo("value");
  }

  @Test
  void aFailedRetrievalIsNotKept() {
    IOException failure = new IOException("the database is down");

    assertThat(cache.retrieve("key", () -> CompletableFuture.failedFuture(failure)))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCause(failure);
    assertThat(
            cache.retrieve(
                "key",
                () -> {
                  throw new IllegalStateException("no connection");
                }))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContaining("no connection");
    assertThat(cache.retrieve("key", () -> CompletableFuture.completedFuture("value")).join())
        .isEqualTo("value");
  }

  @Test
  void aMethodMayAskOtherKeysAndCaches() {
    assertThat(cache.get("outer", () -> "of " + cache.get("inner", () -> "inner")))
        .isEqualTo("of inner");
    assertThat(cache.get("inner").get()).isEqualTo("inner");
  }

  @Test
  void theCacheBehindItCannotLoadByItself() {
    TieredCache<Object, Object> tiered = cache.getNativeCache();

    assertThatThrownBy(() -> tiered.get("key")).hasMessageContaining("no loader of its own");
    assertThatThrownBy(() -> cache.get("key", () -> tiered.get("other")))
        .hasStackTraceContaining("no loader of its own");
  }

  @Test
  void whoHasNoTimeLeftIsToldSo() throws Exception {
    manager =
        HeadroomCacheManager.builder()
            .cache("profiles", options -> options.hardTimeout(Duration.ofMillis(1)))
            .build();
    cache = manager.getCache("profiles");
    CountDownLatch answered = new CountDownLatch(1);
    RequestContext.Key<String> attribute = RequestContext.Key.named("attribute");
    CompletableFuture<String> seen = new CompletableFuture<>();

    RequestContext.builder()
        .with(attribute, "the caller's")
        .build()
        .wrap(
            (Runnable)
                () ->
                    assertThatThrownBy(
                            () ->
                                cache.get(
                                    "key",
                                    () -> {
                                      answered.await();
                                      seen.complete(RequestContext.current().get(attribute));
                                      return "value";
                                    }))
                        .isInstanceOf(Cache.ValueRetrievalException.class)
                        .hasCauseInstanceOf(CacheLoadTimeoutException.class))
        .run();

    answered.countDown();
    assertThat(seen.get()).isEqualTo("the caller's");
  }

  @Test
  void anInterruptedCallerIsToldSo() {
    CompletableFuture<Object> other = new CompletableFuture<>();
    CountDownLatch loading = new CountDownLatch(1);
    Thread loader =
        new Thread(
            () ->
                cache.get(
                    "key",
                    () -> {
                      loading.countDown();
                      return other.get();
                    }));
    loader.start();
    try {
      loading.await();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> cache.get("key", () -> "mine"))
          .isInstanceOf(Cache.ValueRetrievalException.class)
          .hasStackTraceContaining("interrupted");
      assertThatThrownBy(() -> cache.putIfAbsent("key", "mine"))
          .hasMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
      other.complete("value");
      assertThat(cache.putIfAbsent("key", "mine").get()).isEqualTo("value");
      loader.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object valueOf(CompletableFuture<?> retrieved) {
    return ((Cache.ValueWrapper) retrieved.join()).get();
  }
}
