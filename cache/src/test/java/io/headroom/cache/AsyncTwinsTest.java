package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.headroom.ConsistencyToken;
import io.headroom.LagLimit;
import io.headroom.RequestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who does not wait, in one process: on whose thread what is done, and for whom. */
@SuppressWarnings("try") // scopes are opened for their effect
class AsyncTwinsTest {

  private final ConcurrentMap<String, String> database =
      new ConcurrentHashMap<>(Map.of("a", "1", "b", "2", "c", "3"));
  private final List<Set<String>> asked = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch gate = new CountDownLatch(1);
  private final ExecutorService one = Executors.newSingleThreadExecutor();
  private volatile boolean stops;
  private volatile @Nullable RequestContext loadedFor;

  private final CacheLoader<String, String> loader =
      new CacheLoader<>() {
        @Override
        public @Nullable String load(String key) throws Exception {
          return loadAll(Set.of(key)).get(key);
        }

        @Override
        public Map<String, String> loadAll(Set<String> keys) throws Exception {
          asked.add(keys);
          loadedFor = RequestContext.current();
          if (stops) {
            gate.await();
          }
          Map<String, String> found = new LinkedHashMap<>(database);
          found.keySet().retainAll(keys);
          return found;
        }
      };

  private final TieredCache<String, String> cache =
      TieredCache.builder("twins", loader)
          .tags((key, value) -> List.of("letters"))
          .refreshAhead(0)
          .executor(one)
          .build();

  @AfterEach
  void end() {
    gate.countDown();
    one.shutdownNow();
  }

  static Stream<Named<Function<TieredCache<String, String>, CompletableFuture<Void>>>> removals() {
    return Stream.of(
        Named.of("invalidateAsync", cache -> cache.invalidateAsync("a")),
        Named.of("invalidateAllAsync(keys)", cache -> cache.invalidateAllAsync(List.of("a", "b"))),
        Named.of("invalidateTagAsync", cache -> cache.invalidateTagAsync("letters")),
        Named.of("invalidateAllAsync", TieredCache::invalidateAllAsync));
  }

  private static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS); // else the test hangs
  }

  @Test
  void theOneThreadIsEnoughForManyWhoWaitForEachOther() throws Exception {
    stops = true;
    CompletableFuture<Map<String, String>> first = cache.getAllAsync(List.of("a", "b"));
    CompletableFuture<Map<String, String>> joins = cache.getAllAsync(List.of("b", "c"));
    CompletableFuture<Map<String, String>> onTheThread = new CompletableFuture<>();
    one.execute(
        () -> {
          var unused =
              cache
                  .getAllAsync(List.of("c", "a", "z"))
                  .whenComplete(
                      (found, failure) -> {
                        onTheThread.complete(found);
                      });
        });
    assertThat(first).isNotDone();

    gate.countDown();

    assertThat(soon(first)).containsOnly(entry("a", "1"), entry("b", "2"));
    assertThat(soon(joins)).containsOnly(entry("b", "2"), entry("c", "3"));
    assertThat(soon(onTheThread)).containsOnly(entry("c", "3"), entry("a", "1"));
    assertThat(asked).containsExactly(Set.of("a", "b"), Set.of("c"), Set.of("z"));
  }

  @Test
  void whatFollowsMayAskAgain() throws Exception {
    Map<String, String> found =
        soon(
            cache
                .getAllAsync(List.of("a", "b"))
                .thenCompose(before -> cache.invalidateAllAsync(before.keySet()))
                .thenCompose(done -> cache.getAllAsync(List.of("a", "b", "c"))));
    assertThat(found).hasSize(3);
    assertThat(asked).hasSize(2);
  }

  @Test
  void toCancelEndsNothing() throws Exception {
    stops = true;
    CompletableFuture<Map<String, String>> cancelled = cache.getAllAsync(List.of("a", "b"));
    CompletableFuture<Map<String, String>> other = cache.getAllAsync(List.of("a", "b"));
    cancelled.cancel(true);
    gate.countDown();
    assertThat(soon(other)).hasSize(2);
    assertThat(asked).hasSize(1);
  }

  @Test
  void theMapIsTheCallersOwn() throws Exception {
    soon(cache.getAllAsync(List.of("a", "b"))).clear();
    assertThat(soon(cache.getAllAsync(List.of("a", "b")))).hasSize(2);
  }

  @Test
  void nullsAreRefusedAtOnce() {
    assertThatThrownBy(() -> cache.getAllAsync(Arrays.asList("a", null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("key must not be null");
    assertThatThrownBy(() -> cache.invalidateAllAsync(Arrays.asList("a", null)))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> cache.putAsync("a", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("invalidate");
    assertThatThrownBy(() -> cache.invalidateTagAsync(""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void loadsAreForTheCallersRequest() throws Exception {
    RequestContext request = RequestContext.builder().resource("orders").build();
    CompletableFuture<Map<String, String>> found;
    try (RequestContext.Scope scope = request.attach()) {
      found = cache.getAllAsync(List.of("a", "b"));
    }
    soon(found);
    assertThat(loadedFor.resource()).contains("orders");
  }

  @Test
  void whatFollowsIsNotDoneOnAnothersThreadInItsContext() throws Exception {
    Thread loading = one.submit(Thread::currentThread).get();
    stops = true;
    RequestContext another = RequestContext.builder().resource("orders").build();
    List<CompletableFuture<?>> followers = new ArrayList<>();
    CompletableFuture<?> first;
    try (RequestContext.Scope scope = another.attach()) {
      first = cache.getAllAsync(List.of("a", "b"));
    }
    for (CompletableFuture<?> asked :
        List.of(cache.getAsync("a"), cache.getAllAsync(List.of("a", "b")))) {
      followers.add(
          asked.thenAccept(
              found -> {
                assertThat(Thread.currentThread()).isNotEqualTo(loading);
                assertThat(RequestContext.current().resource()).isEmpty();
              }));
    }
    gate.countDown();
    soon(first);
    for (CompletableFuture<?> follower : followers) {
      soon(follower);
    }
  }

  @Test
  void aDeadlineEndsTheWaitAndNotTheLoad() throws Exception {
    stops = true;
    CompletableFuture<Map<String, String>> late;
    try (RequestContext.Scope scope =
        RequestContext.builder().timeout(Duration.ofMillis(20)).build().attach()) {
      late = cache.getAllAsync(List.of("a", "b"));
    }
    assertThatThrownBy(() -> soon(late))
        .hasCauseInstanceOf(PartialLoadException.class)
        .hasRootCauseInstanceOf(CacheLoadTimeoutException.class);
    gate.countDown();
    assertThat(soon(cache.getAllAsync(List.of("a", "b")))).hasSize(2);
    assertThat(asked).hasSize(1);
  }

  /** The position of the write is asked for, which may take long. */
  private static RequestContext writer(CountDownLatch answer, List<Thread> askers) {
    RequestContext request = RequestContext.builder().resource("writer").build();
    request.observeLater(
        "database",
        () -> {
          askers.add(Thread.currentThread());
          assertThat(RequestContext.current().resource()).contains("writer");
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return ConsistencyToken.of("database", 1, 7);
        });
    return request;
  }

  @ParameterizedTest
  @MethodSource("removals")
  void nothingOldIsServedWhileTheDatabaseIsAskedWhereTheWriteLies(
      Function<TieredCache<String, String>, CompletableFuture<Void>> remove) throws Exception {
    cache.get("a");
    database.put("a", "new");
    CountDownLatch answer = new CountDownLatch(1);
    List<Thread> askers = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Void> removed;
    try (RequestContext.Scope scope = writer(answer, askers).attach()) {
      removed = remove.apply(cache);
    }
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(cache.get("a")).isEqualTo("new");
    assertThat(loadedFor.get(LagLimit.KEY)).as("of the primary").isEqualTo(Duration.ZERO);

    answer.countDown();
    soon(removed);

    assertThat(askers).doesNotContain(Thread.currentThread());
    assertThat(cache.get("a")).isEqualTo("new");
  }

  @ParameterizedTest
  @MethodSource("removals")
  void whatIsPutOrLoadedMeanwhileStays(
      Function<TieredCache<String, String>, CompletableFuture<Void>> remove) throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    CompletableFuture<Void> removed;
    try (RequestContext.Scope scope = writer(answer, new ArrayList<>()).attach()) {
      removed = remove.apply(cache);
    }
    soon(cache.putAsync("a", "put"));
    cache.get("b");

    answer.countDown();
    soon(removed);

    assertThat(cache.getIfPresent("a")).isEqualTo("put");
    assertThat(cache.getIfPresent("b")).isEqualTo("2");
  }

  @Test
  void failuresAreNotToldOnAConnectionsThreadEither() throws Exception {
    Changes<String, String> changes = new Changes<>(null, new OwnWrites(), one);
    CompletableFuture<Void> told = new CompletableFuture<>();
    CompletableFuture<Thread> follower = new CompletableFuture<>();
    var unused =
        changes
            .begin(writer -> told)
            .whenComplete((done, failure) -> follower.complete(Thread.currentThread()));
    told.completeExceptionally(new IllegalStateException("not told"));
    assertThat(soon(follower)).isNotEqualTo(Thread.currentThread());
  }

  @ParameterizedTest
  @MethodSource("removals")
  void loadsThenSeeWhatWasWritten(
      Function<TieredCache<String, String>, CompletableFuture<Void>> remove) throws Exception {
    CountDownLatch answer = new CountDownLatch(0);
    RequestContext request = writer(answer, Collections.synchronizedList(new ArrayList<>()));
    try (RequestContext.Scope scope = request.attach()) {
      assertThat(request.token().position("database")).as("known already").isPresent();
      assertThat(remove.apply(cache)).isCompleted();
    }
    cache.get("a");
    assertThat(loadedFor.token().position("database")).isPresent();
    assertThat(loadedFor.get(LagLimit.KEY)).isNotEqualTo(Duration.ZERO);
  }

  @ParameterizedTest
  @MethodSource("removals")
  void aDatabaseThatHangsHoldsNobodyUp(
      Function<TieredCache<String, String>, CompletableFuture<Void>> remove) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (RequestContext.Scope scope = writer(never, new ArrayList<>()).attach()) {
      soon(remove.apply(cache));
    }
    database.put("a", "new");
    assertThat(cache.get("a")).isEqualTo("new");
    assertThat(loadedFor.get(LagLimit.KEY)).as("of the primary").isEqualTo(Duration.ZERO);
    never.countDown();
  }

  @ParameterizedTest
  @MethodSource("removals")
  void aLoaderOnTheOnlyThreadMayWaitForThem(
      Function<TieredCache<String, String>, CompletableFuture<Void>> remove) throws Exception {
    List<Thread> askers = Collections.synchronizedList(new ArrayList<>());
    TieredCache<String, String> outer =
        TieredCache.<String, String>builder(
                "outer",
                key -> {
                  try (RequestContext.Scope scope =
                      writer(new CountDownLatch(0), askers).attach()) {
                    remove.apply(cache).join();
                  }
                  return key;
                })
            .executor(one)
            .build();
    assertThat(soon(outer.getAsync("k"))).isEqualTo("k");
    Awaitility.await()
        .untilAsserted(() -> assertThat(soon(cache.getAllAsync(List.of("a", "b")))).hasSize(2));
    assertThat(askers).as("it was too late to ask").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("removals")
  void whereTheExecutorTakesNothingTheDatabaseIsNotAsked(
      Function<TieredCache<String, String>, CompletableFuture<Void>> remove) {
    TieredCache<String, String> full =
        TieredCache.builder("full", loader)
            .executor(
                task -> {
                  throw new RejectedExecutionException("full");
                })
            .build();
    List<Thread> askers = new ArrayList<>();
    try (RequestContext.Scope scope = writer(new CountDownLatch(0), askers).attach()) {
      assertThat(remove.apply(full)).isCompleted();
    }
    assertThat(askers).isEmpty();
    assertThat(full.get("a")).isEqualTo("1");
    assertThat(loadedFor.get(LagLimit.KEY)).as("of the primary").isEqualTo(Duration.ZERO);
  }

  @Test
  void whatIsPutIsThereAtOnce() {
    cache.get("a");
    try (RequestContext.Scope scope = writer(new CountDownLatch(1), new ArrayList<>()).attach()) {
      assertThat(cache.putAsync("a", "put")).isCompleted();
    }
    assertThat(cache.getIfPresent("a")).isEqualTo("put");
  }

  @ParameterizedTest
  @MethodSource("removals")
  void insideAWriteTransactionTheyAreOfItsEnd(
      Function<TieredCache<String, String>, CompletableFuture<Void>> remove) {
    cache.get("a");
    RequestContext writer = RequestContext.builder().build();
    try (RequestContext.Scope scope = writer.attach()) {
      writer.writeTransactionOpened();
      assertThat(remove.apply(cache)).isCompleted();
      database.put("a", "uncommitted");
      assertThat(cache.getAllAsync(List.of("a")))
          .as("loaded here")
          .isCompletedWithValue(Map.of("a", "uncommitted"));
    }
    assertThat(cache.get("a")).as("to others").isEqualTo("1");
    database.put("a", "committed");
    writer.writeTransactionClosed();
    assertThat(cache.get("a")).isEqualTo("committed");
  }

  @Test
  void whatIsPutInsideAWriteTransactionIsInvalidatedAtItsEnd() {
    cache.get("a");
    RequestContext writer = RequestContext.builder().build();
    try (RequestContext.Scope scope = writer.attach()) {
      writer.writeTransactionOpened();
      assertThat(cache.putAsync("a", "uncommitted")).isCompleted();
    }
    assertThat(cache.get("a")).isEqualTo("1");
    database.put("a", "committed");
    writer.writeTransactionClosed();
    assertThat(cache.get("a")).isEqualTo("committed");
  }
}
