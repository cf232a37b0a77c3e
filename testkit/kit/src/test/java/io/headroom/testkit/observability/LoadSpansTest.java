package io.headroom.testkit.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.cache.CacheCodec;
import io.headroom.cache.CacheKeys;
import io.headroom.cache.CacheLoadException;
import io.headroom.cache.CacheLoader;
import io.headroom.cache.RedisTier;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import io.headroom.cache.TieredCacheBuilder;
import io.headroom.testkit.ManualTime;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.micrometer.tracing.test.simple.SimpleSpan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Loads in traces: each is part of what its caller was doing, and what its loader does of it. */
class LoadSpansTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static final String LOAD = "load letters";

  private final Traces traces = new Traces();
  private final AtomicReference<Thread> loadedOn = new AtomicReference<>();

  @AfterEach
  void nothingIsLeftOnThisThread() {
    traces.requireNothingCurrent();
  }

  private String load(String key) {
    loadedOn.set(Thread.currentThread());
    traces.statement("SELECT");
    return key.toUpperCase(java.util.Locale.ROOT);
  }

  private TieredCacheBuilder<String, String> builder() {
    return builder(this::load);
  }

  private TieredCacheBuilder<String, String> builder(CacheLoader<String, String> loader) {
    return TieredCache.builder("letters", loader).spans(traces.spans());
  }

  private void requireOneLoadBelowTheRequest(String origin, int keys) {
    SimpleSpan load = traces.one(LOAD);
    Traces.requireChild(load, traces.one("request"));
    Traces.requireChild(traces.one("SELECT"), load);
    assertThat(load.getTags())
        .containsEntry("cache", "letters")
        .containsEntry("origin", origin)
        .containsEntry("outcome", "answered")
        .containsEntry("keys", Integer.toString(keys));
    assertThat(load.getError()).isNull();
  }

  @Test
  void aMissOnTheCallersThread() throws Exception {
    try (TieredCache<String, String> cache = builder().build()) {
      assertThat(traces.during("request", () -> cache.get("a"))).isEqualTo("A");
      assertThat(traces.during("again", () -> cache.get("a"))).isEqualTo("A");
    }
    assertThat(loadedOn.get()).isSameAs(Thread.currentThread());
    requireOneLoadBelowTheRequest("miss", 1);
  }

  @Test
  void aMissOnAThreadOfTheCache() throws Exception {
    try (TieredCache<String, String> cache = builder().hardTimeout(Duration.ofMinutes(1)).build()) {
      assertThat(traces.during("request", () -> cache.get("a"))).isEqualTo("A");
    }
    assertThat(loadedOn.get()).isNotSameAs(Thread.currentThread());
    requireOneLoadBelowTheRequest("miss", 1);
  }

  @Test
  void aMissOfOneWhoDoesNotWait() throws Exception {
    try (TieredCache<String, String> cache = builder().build()) {
      assertThat(traces.during("request", () -> cache.getAsync("a")).join()).isEqualTo("A");
    }
    assertThat(loadedOn.get()).isNotSameAs(Thread.currentThread());
    requireOneLoadBelowTheRequest("miss", 1);
  }

  private TieredCache<String, String> ofMany() {
    return builder(
            new CacheLoader<>() {
              @Override
              public String load(String key) {
                return LoadSpansTest.this.load(key);
              }

              @Override
              public Map<String, String> loadAll(Set<String> keys) {
                loadedOn.set(Thread.currentThread());
                traces.statement("SELECT");
                return Map.of("a", "A", "b", "B");
              }
            })
        .build();
  }

  @Test
  void manyKeysAtOnce() throws Exception {
    try (TieredCache<String, String> cache = ofMany()) {
      assertThat(traces.during("request", () -> cache.getAll(List.of("a", "b", "c")))).hasSize(2);
    }
    requireOneLoadBelowTheRequest("batch", 3);
  }

  @Test
  void manyKeysAtOnceOfOneWhoDoesNotWait() throws Exception {
    try (TieredCache<String, String> cache = ofMany()) {
      assertThat(traces.during("request", () -> cache.getAllAsync(List.of("a", "b"))).join())
          .hasSize(2);
    }
    assertThat(loadedOn.get()).isNotSameAs(Thread.currentThread());
    requireOneLoadBelowTheRequest("batch", 2);
  }

  @Test
  void whoWaitsForAnothersLoadHasNone() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    try (TieredCache<String, String> cache =
        builder(
                key -> {
                  loading.countDown();
                  mayEnd.await();
                  return load(key);
                })
            .build()) {
      CompletableFuture<String> first = traces.during("request", () -> cache.getAsync("a"));
      loading.await();
      CompletableFuture<String> second = traces.during("joins", () -> cache.getAsync("a"));
      mayEnd.countDown();
      assertThat(first.join()).isEqualTo("A");
      assertThat(second.join()).isEqualTo("A");
    }
    requireOneLoadBelowTheRequest("miss", 1);
  }

  @Test
  void aLoadThatNobodyWaitsForIsMarkedAndPartOfTheRequestThatHasEnded() throws Exception {
    ManualTime time = ManualTime.create();
    AtomicReference<LoadLevel> level = new AtomicReference<>(LoadLevel.NORMAL);
    TieredCache<String, String> other =
        TieredCache.<String, String>builder("others", key -> key).spans(traces.spans()).build();
    CountDownLatch mayLoad = new CountDownLatch(1);
    try (TieredCache<String, String> cache =
        builder(
                key -> {
                  if (level.get() != LoadLevel.NORMAL) {
                    mayLoad.await();
                    other.get(key);
                  }
                  return load(key);
                })
            .ttl(Duration.ofSeconds(1))
            .staleFor(Duration.ofHours(1))
            .loadSignal(resource -> level.get(), "database")
            .time(time)
            .build()) {
      traces.during("before", () -> cache.get("a"));
      time.advance(Duration.ofSeconds(2));
      level.set(LoadLevel.ELEVATED);
      traces.during("request", () -> cache.get("a"));
      mayLoad.countDown();
      await().until(() -> traces.all(LOAD).size() == 2);
    } finally {
      other.close();
    }
    SimpleSpan refresh = traces.all(LOAD).get(1);
    assertThat(refresh.getTags()).containsEntry("origin", "refresh");
    Traces.requireChild(refresh, traces.one("request"));
    // what its loader asks of another cache, it waits for
    SimpleSpan nested = traces.one("load others");
    assertThat(nested.getTags()).containsEntry("origin", "miss");
    Traces.requireChild(nested, refresh);
  }

  @Test
  void aLoadForAWriteTransactionAlone() throws Exception {
    try (TieredCache<String, String> cache = builder().build()) {
      RequestContext context = RequestContext.current();
      context.writeTransactionOpened();
      try {
        traces.during("request", () -> cache.get("a"));
      } finally {
        context.writeTransactionClosed();
      }
    }
    requireOneLoadBelowTheRequest("miss", 1);
  }

  @Test
  void aFailure() {
    IllegalStateException failure = new IllegalStateException("no such table");
    try (TieredCache<String, String> cache =
        builder(
                key -> {
                  throw failure;
                })
            .build()) {
      assertThatThrownBy(() -> traces.during("request", () -> cache.get("a")))
          .isInstanceOf(CacheLoadException.class);
    }
    SimpleSpan load = traces.one(LOAD);
    assertThat(load.getTags()).containsEntry("outcome", "failed");
    assertThat(load.getError()).isSameAs(failure);
  }

  @Test
  void whatIsInTheSharedTierIsNotLoaded() throws Exception {
    try (RedisTier tier = RedisTier.connect(redis.get().uri())) {
      SharedTier<String, String> shared =
          SharedTier.on(tier, CacheKeys.strings(), CacheCodec.strings()).partitions(1).build();
      try (TieredCache<String, String> cache = builder().maximumEntries(0).shared(shared).build()) {
        traces.during("request", () -> cache.get("a"));
        await()
            .untilAsserted(
                () -> {
                  int before = traces.all(LOAD).size();
                  traces.during("later", () -> cache.get("a"));
                  assertThat(traces.all(LOAD)).hasSize(before);
                });
        Traces.requireChild(traces.all(LOAD).get(0), traces.one("request"));
      }
    }
  }

  @Test
  void isATimerByCacheOriginAndOutcome() throws Exception {
    try (TieredCache<String, String> cache = builder().build()) {
      cache.get("a");
      cache.get("b");
    }
    assertThat(
            traces
                .timer(
                    "headroom.cache.load",
                    "cache",
                    "letters",
                    "origin",
                    "miss",
                    "outcome",
                    "answered",
                    "error",
                    "none")
                .count())
        .isEqualTo(2);
  }
}
