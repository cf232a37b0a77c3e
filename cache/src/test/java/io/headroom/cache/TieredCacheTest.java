package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.headroom.LoadLevel;
import io.headroom.LoadLevels;
import io.headroom.RequestContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one caller after the other sees; nobody waits for anybody. */
@SuppressWarnings("try") // scopes are opened for their effect
class TieredCacheTest {

  private final Map<String, String> database = new HashMap<>(Map.of("a", "1", "b", "2"));
  private final List<Set<String>> asked = new ArrayList<>();
  private final Deque<Runnable> background = new ArrayDeque<>();
  private final HandTime time = new HandTime();
  private @Nullable Exception failure;
  private long gets;

  private final CacheLoader<String, String> loader =
      new CacheLoader<>() {
        @Override
        public @Nullable String load(String key) throws Exception {
          asked.add(Set.of(key));
          failIfTold();
          return database.get(key);
        }

        @Override
        public Map<String, String> loadAll(Set<String> keys) throws Exception {
          asked.add(keys);
          failIfTold();
          Map<String, String> found = new LinkedHashMap<>(database);
          found.keySet().retainAll(keys);
          return found;
        }
      };

  private TieredCache<String, String> cache = plain().build();

  private TieredCacheBuilder<String, String> plain() {
    return TieredCache.builder("letters", loader)
        .ttl(Duration.ofMinutes(1))
        .absentTtl(Duration.ofSeconds(5))
        .ttlJitter(0)
        .executor(background::add)
        .time(time);
  }

  private void failIfTold() throws Exception {
    if (failure != null) {
      throw failure;
    }
  }

  private @Nullable String get(String key) {
    gets++;
    return cache.get(key);
  }

  private long served(Served how) {
    return cache.stats().served(how);
  }

  @AfterEach
  void everyAnswerIsCountedOnce() {
    assertThat(cache.stats().gets()).isEqualTo(gets);
    assertThat(cache.stats().loads() + cache.stats().loadFailures()).isEqualTo(asked.size());
  }

  @Test
  void aValueIsLoadedOnceUntilItsTimeIsOver() {
    assertThat(get("a")).isEqualTo("1");
    database.put("a", "new");
    time.advance(Duration.ofSeconds(59));
    assertThat(get("a")).isEqualTo("1");
    assertThat(served(Served.LOCAL)).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    assertThat(get("a")).isEqualTo("new");
    assertThat(served(Served.LOADED)).isEqualTo(2);
    assertThat(asked).hasSize(2);
  }

  @Test
  void thatThereIsNoneIsKnownForAShorterTime() {
    assertThat(get("z")).isNull();
    assertThat(get("z")).isNull();
    assertThat(asked).hasSize(1);
    database.put("z", "26");
    time.advance(Duration.ofSeconds(5));
    assertThat(get("z")).isEqualTo("26");
  }

  @Test
  void thatThereIsNoneIsVoidedByAnInvalidation() {
    assertThat(get("z")).isNull();
    database.put("z", "26");
    cache.invalidate("z");
    assertThat(get("z")).isEqualTo("26");
  }

  @Test
  void withoutATimeForItAbsenceIsNotKept() {
    cache = plainWithout("absentTtl").absentTtl(Duration.ZERO).build();
    assertThat(get("z")).isNull();
    assertThat(get("z")).isNull();
    assertThat(asked).hasSize(2);
  }

  private TieredCacheBuilder<String, String> plainWithout(String option) {
    return TieredCache.builder("letters, without " + option, loader)
        .executor(background::add)
        .time(time);
  }

  @Test
  void onlyWhatIsInvalidatedIsForgotten() {
    get("a");
    get("b");
    database.replaceAll((key, value) -> "new");
    cache.invalidate("a");
    assertThat(get("a")).isEqualTo("new");
    assertThat(get("b")).isEqualTo("2");
    cache.invalidateAll(List.of("b"));
    assertThat(get("b")).isEqualTo("new");
    cache.invalidateAll();
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(cache.stats().entries()).isZero();
  }

  @Test
  void whatIsPutIsServed() {
    cache.put("a", "put");
    assertThat(get("a")).isEqualTo("put");
    assertThat(cache.getIfPresent("a")).isEqualTo("put");
    time.advance(Duration.ofMinutes(1));
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(get("a")).isEqualTo("1");
  }

  @Test
  void aFailureIsTheLoadersAndNothingIsKeptOfIt() {
    failure = new IOException("no route");
    assertThatThrownBy(() -> get("a"))
        .isInstanceOf(CacheLoadException.class)
        .hasMessage("cache 'letters': its loader failed: java.io.IOException: no route")
        .hasCause(failure)
        .extracting(thrown -> ((CacheLoadException) thrown).cache())
        .isEqualTo("letters");
    failure = null;
    assertThat(get("a")).isEqualTo("1");
    assertThat(served(Served.FAILED)).isEqualTo(1);
  }

  private void allowStale() {
    cache = plain().staleFor(Duration.ofMinutes(10)).build();
    get("a");
    time.advance(Duration.ofMinutes(1));
  }

  @Test
  void whereItMayBeAStaleValueStandsInForAFailedLoad() {
    allowStale();
    failure = new IllegalStateException("down");
    assertThat(get("a")).isEqualTo("1");
    assertThat(get("a")).as("no further load for a second").isEqualTo("1");
    assertThat(asked).hasSize(2);
    time.advance(Duration.ofSeconds(1));
    assertThat(get("a")).isEqualTo("1");
    assertThat(asked).hasSize(3);
    assertThat(served(Served.STALE_FAILED)).isEqualTo(3);
    failure = null;
    database.put("a", "new");
    time.advance(Duration.ofSeconds(1));
    assertThat(get("a")).isEqualTo("new");
  }

  @Test
  void staleValuesEndToo() {
    allowStale();
    failure = new IllegalStateException("down");
    time.advance(Duration.ofMinutes(10).minusNanos(1));
    assertThat(get("a")).isEqualTo("1");
    time.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> get("a")).isInstanceOf(CacheLoadException.class);
  }

  @Test
  void whatWasInvalidatedIsNotServedAsStaleEither() {
    allowStale();
    failure = new IllegalStateException("down");
    cache.invalidate("a");
    assertThatThrownBy(() -> get("a")).isInstanceOf(CacheLoadException.class);
  }

  @Test
  void underLoadStaleValuesAreServedWhileOneLoadGoesOn() {
    LoadLevels levels = new LoadLevels();
    cache = plain().staleFor(Duration.ofMinutes(10)).loadSignal(levels, "orders").build();
    get("a");
    time.advance(Duration.ofMinutes(1));
    database.put("a", "new");
    levels.set("orders", LoadLevel.ELEVATED);
    assertThat(get("a")).isEqualTo("1");
    assertThat(get("a")).isEqualTo("1");
    assertThat(served(Served.STALE_OVERLOAD)).isEqualTo(2);
    assertThat(background).hasSize(1);
    background.remove().run();
    assertThat(get("a")).isEqualTo("new");
    cache.invalidate("a");
    assertThat(get("a")).as("there is nothing else to serve").isEqualTo("new");
    assertThat(asked).hasSize(3);
  }

  private List<UnaryOperator<String>> waysToAsk() {
    return List.of(
        key -> String.valueOf(cache.get(key)),
        key -> String.valueOf(cache.getAsync(key).join()),
        key -> String.valueOf(cache.getAll(List.of(key)).get(key)));
  }

  @Test
  void aValueThatIsAskedForIsLoadedAheadOfItsEndAndServedMeanwhile() {
    CacheLoader<String, String> slow =
        key -> {
          asked.add(Set.of(key));
          time.advance(Duration.ofSeconds(20));
          return "loaded at " + asked.size();
        };
    for (UnaryOperator<String> way : waysToAsk()) {
      asked.clear();
      gets = 0;
      cache =
          TieredCache.builder("slow", slow)
              .ttl(Duration.ofHours(1))
              .ttlJitter(0)
              .refreshAhead(100)
              .executor(background::add)
              .time(time)
              .build();
      get("a");
      time.advance(Duration.ofMinutes(59));
      int tries = 0;
      while (background.isEmpty()) { // each has a chance of more than 0.9
        gets++;
        assertThat(way.apply("a")).isEqualTo("loaded at 1");
        assertThat(++tries).isLessThan(100);
      }
      assertThat(get("a")).isEqualTo("loaded at 1");
      assertThat(background).hasSize(1);
      background.remove().run();
      assertThat(cache.getIfPresent("a")).isEqualTo("loaded at 2");
      assertThat(cache.stats().refreshes()).isEqualTo(1);
    }
  }

  @Test
  void whatIsKeptLivesFromThenOnHoweverItCame() {
    List<Consumer<String>> ways =
        List.of(
            key -> {
              var unused = cache.getAsync(key);
              background.remove().run();
              gets++;
            },
            key -> {
              cache.getAll(List.of(key, "a"));
              gets += 2;
            },
            key -> cache.put(key, "put"),
            key -> assertThat(cache.fill(key).keep("read")).isTrue());
    get("a");
    for (int i = 0; i < ways.size(); i++) {
      time.advance(Duration.ofHours(1));
      database.put("key " + i, "1");
      ways.get(i).accept("key " + i);
      get("a");
      assertThat(cache.getIfPresent("key " + i)).as("way %s", i).isNotNull();
    }
  }

  @Test
  void whoOnlyLooksHasTheOldSweptOutToo() {
    get("a");
    time.advance(Duration.ofHours(1));
    Awaitility.await()
        .until(
            () -> {
              assertThat(cache.getIfPresent("a")).isNull();
              return cache.stats().entries() == 0;
            });
  }

  @Test
  void insideAWriteTransactionLoadsAreTheCallersOwn() {
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope scope = request.attach()) {
      request.writeTransactionOpened();
      database.put("a", "uncommitted");
      assertThat(get("a")).isEqualTo("uncommitted");
      gets += 1;
      assertThat(cache.getAll(List.of("a"))).containsExactly(entry("a", "uncommitted"));
      gets += 1;
      assertThat(cache.getAsync("a")).isCompletedWithValue("uncommitted");
      database.put("a", "1");
      request.writeTransactionClosed();
    }
    assertThat(get("a")).as("after its rollback").isEqualTo("1");
    assertThat(served(Served.PRIVATE)).isEqualTo(3);
  }

  /** What another reader sees between the invalidation and the commit. */
  @Test
  void anInvalidationInsideAWriteTransactionIsOfItsEnd() {
    get("a");
    RequestContext writer = RequestContext.builder().build();
    try (RequestContext.Scope scope = writer.attach()) {
      writer.writeTransactionOpened();
      cache.invalidate("a");
      database.put("a", "uncommitted");
      assertThat(get("a")).as("to itself").isEqualTo("uncommitted");
      assertThat(cache.getIfPresent("a")).isNull();
      gets += 1;
      assertThat(cache.getAll(List.of("a"))).containsExactly(entry("a", "uncommitted"));
      gets += 1;
      assertThat(cache.getAsync("a")).isCompletedWithValue("uncommitted");
    }
    assertThat(get("a")).as("to others").isEqualTo("1");
    database.put("a", "committed");
    writer.writeTransactionClosed();
    assertThat(get("a")).isEqualTo("committed");
  }

  @Test
  void allOfThemCanBeInvalidatedInsideAWriteTransactionToo() {
    get("a");
    RequestContext writer = RequestContext.builder().build();
    try (RequestContext.Scope scope = writer.attach()) {
      writer.writeTransactionOpened();
      cache.invalidateAll();
      database.put("a", "uncommitted");
      assertThat(get("a")).as("to itself").isEqualTo("uncommitted");
      writer.writeTransactionClosed();
      assertThat(cache.stats().entries()).isZero();
    }
  }

  @Test
  void manyAreLoadedWithOneCall() {
    get("a");
    gets += 3;
    assertThat(cache.getAll(List.of("a", "b", "z", "b")))
        .containsOnly(entry("a", "1"), entry("b", "2"));
    assertThat(asked).containsExactly(Set.of("a"), Set.of("b", "z"));
    gets += 3;
    assertThat(cache.getAll(Set.of("a", "b", "z"))).hasSize(2);
    assertThat(asked).as("absence is known too").hasSize(2);
    assertThat(cache.getAll(List.of())).isEmpty();
  }

  @Test
  void ofManyThoseThatAreThereAreFoundThoughTheLoadFails() {
    get("a");
    failure = new IllegalStateException("down");
    gets += 2;
    assertThatThrownBy(() -> cache.getAll(List.of("a", "b")))
        .isInstanceOfSatisfying(
            PartialLoadException.class,
            partial -> {
              assertThat(partial.found()).containsExactly(entry("a", "1"));
              assertThat(partial.failures()).containsOnlyKeys("b");
              assertThat(partial.failures().get("b")).hasCause(failure);
            })
        .hasMessageContaining("1 of the keys could not be loaded");
    failure = null;
    assertThat(get("b")).isEqualTo("2");
  }

  @Test
  void ofManyTheOthersAreThereThoughTheTagsOfOneFail() {
    cache = failingTags(plain()).build();
    gets += 3;
    assertThatThrownBy(() -> cache.getAll(List.of("a", "b", "z")))
        .isInstanceOfSatisfying(
            PartialLoadException.class,
            partial -> {
              assertThat(partial.found()).containsOnly(entry("b", "2"));
              assertThat(partial.failures()).containsOnlyKeys("a");
            });
    assertThat(cache.getIfPresent("b")).isEqualTo("2");
    assertThat(served(Served.FAILED)).isEqualTo(1);
    Leaks.assertNoLoads(cache);
  }

  private static TieredCacheBuilder<String, String> failingTags(
      TieredCacheBuilder<String, String> builder) {
    return builder.tags(
        (key, value) -> {
          if (key.equals("a")) {
            throw new IllegalStateException("no tags for this one");
          }
          return List.of("tag");
        });
  }

  @Test
  void ofManyEachIsCountedWhereTheLoadOfAWriteTransactionFails() {
    RequestContext request = RequestContext.builder().build();
    assertThat(get("a")).isEqualTo("1");
    failure = new IllegalStateException("down");
    gets += 3;
    try (RequestContext.Scope scope = request.attach()) {
      request.writeTransactionOpened();
      assertThatThrownBy(() -> cache.getAll(List.of("a", "b", "z")))
          .isInstanceOfSatisfying(
              PartialLoadException.class,
              partial -> {
                assertThat(partial.found()).containsOnly(entry("a", "1"));
                assertThat(partial.failures()).containsOnlyKeys("b", "z");
              });
      request.writeTransactionClosed();
    }
    assertThat(served(Served.FAILED)).isEqualTo(2);
  }

  @Test
  void ofManyStaleOnesStandInForAFailedLoad() {
    allowStale();
    failure = new IllegalStateException("down");
    gets += 1;
    assertThat(cache.getAll(List.of("a"))).containsExactly(entry("a", "1"));
    assertThat(served(Served.STALE_FAILED)).isEqualTo(1);
  }

  @Test
  void aFutureBringsWhatGetWouldAndItsCancellationEndsNoLoad() throws Exception {
    gets += 3;
    CompletableFuture<String> cancelled = cache.getAsync("a");
    CompletableFuture<String> other = cache.getAsync("a");
    cancelled.cancel(true);
    background.remove().run();
    assertThat(other.get()).isEqualTo("1");
    assertThat(cache.getAsync("a")).isCompletedWithValue("1");
    assertThat(asked).hasSize(1);
    failure = new IllegalStateException("down");
    gets += 1;
    CompletableFuture<String> failing = cache.getAsync("b");
    background.remove().run();
    assertThatThrownBy(failing::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(CacheLoadException.class);
  }

  @Test
  void oneWhoseFutureHasToAskAnewAsksForHimself() {
    RequestContext.Key<String> name = RequestContext.Key.named("name");
    List<String> loadedFor = new ArrayList<>();
    cache =
        TieredCache.<String, String>builder(
                "contexts",
                key -> {
                  loadedFor.add(String.valueOf(RequestContext.current().get(name)));
                  return loader.load(key);
                })
            .executor(background::add)
            .time(time)
            .build();
    RequestContext first = RequestContext.builder().with(name, "first").build();
    RequestContext second = RequestContext.builder().with(name, "second").build();
    List<CompletableFuture<String>> answers = new ArrayList<>();
    gets += 2;
    for (RequestContext request : List.of(first, second)) {
      try (RequestContext.Scope scope = request.attach()) {
        answers.add(cache.getAsync("a"));
      }
    }
    failure = new InterruptedException("which is nobody else's affair");

    background.remove().run();

    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(answers.get(0)::join).hasCauseInstanceOf(CacheLoadException.class);
    failure = null;
    background.remove().run();
    assertThat(answers.get(1).join()).isEqualTo("1");
    assertThat(loadedFor).containsExactly("first", "second");
  }

  @Test
  void aLoadThatGoesOnWithoutItsCallerHasNoDeadline() {
    List<Boolean> deadlines = new ArrayList<>();
    cache =
        TieredCache.<String, String>builder(
                "deadlines",
                key -> {
                  deadlines.add(RequestContext.current().remaining().isPresent());
                  time.advance(Duration.ofSeconds(20));
                  return loader.load(key);
                })
            .ttl(Duration.ofHours(1))
            .ttlJitter(0)
            .refreshAhead(100)
            .executor(background::add)
            .time(time)
            .build();
    gets += 1;
    try (RequestContext.Scope scope =
        RequestContext.builder().timeout(Duration.ofDays(1), time).build().attach()) {
      var unused = cache.getAsync("a");
      background.remove().run();
      time.advance(Duration.ofMinutes(59));
      while (background.isEmpty()) { // each has a chance of more than 0.9
        get("a");
      }
      background.remove().run();
      get("b");
    }
    assertThat(deadlines)
        .as("on another thread, ahead, and here")
        .containsExactly(false, false, true);
  }

  @Test
  void aFutureFailsInsideAWriteTransactionTooWhereGetWouldThrow() {
    RequestContext request = RequestContext.builder().build();
    failure = new IllegalStateException("down");
    gets += 1;
    try (RequestContext.Scope scope = request.attach()) {
      request.writeTransactionOpened();
      assertThat(cache.getAsync("a"))
          .failsWithin(Duration.ZERO)
          .withThrowableThat()
          .withCauseInstanceOf(CacheLoadException.class);
      request.writeTransactionClosed();
    }
  }

  @Test
  void aFutureFailsWhereALoaderAsksForItsOwnKey() {
    AtomicReference<TieredCache<String, String>> self = new AtomicReference<>();
    self.set(
        TieredCache.<String, String>builder("self", key -> self.get().getAsync(key).join())
            .executor(Runnable::run)
            .build());
    assertThat(self.get().getAsync("a"))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withRootCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void aLoaderThatAsksForItsOwnKeyIsToldSo() {
    AtomicReference<TieredCache<String, String>> self = new AtomicReference<>();
    self.set(TieredCache.<String, String>builder("self", key -> self.get().get(key)).build());
    assertThatThrownBy(() -> self.get().get("a"))
        .isInstanceOf(CacheLoadException.class)
        .hasRootCauseMessage(
            "cache 'self': its loader asks it for the key that it is loading: let it ask the"
                + " database");
    assertThatThrownBy(() -> self.get().getAll(List.of("a", "b")))
        .isInstanceOf(PartialLoadException.class);
  }

  @Test
  void theLeastUsefulGoWhenThereAreTooMany() {
    cache = plain().maximumEntries(10).build();
    for (int i = 0; i < 1_000; i++) {
      get("key " + i);
    }
    time.advance(Duration.ofSeconds(2));
    get("a");
    Awaitility.await().until(() -> cache.stats().entries() <= 10);
    assertThat(cache.stats().evictions()).isGreaterThanOrEqualTo(990);
  }

  @Test
  void valuesMayWeigh() {
    cache = plain().maximumWeight(100, (key, value) -> value.length()).build();
    database.put("long", "x".repeat(101));
    get("long");
    get("a");
    Awaitility.await().until(() -> cache.stats().entries() == 1);
    assertThat(cache.getIfPresent("a")).isEqualTo("1");
  }

  @Test
  void aListenerHearsOfLoadsAndItsFailuresStayItsOwn() {
    List<String> heard = new ArrayList<>();
    cache =
        plain()
            .listener(
                new CacheListener() {
                  @Override
                  public void onLoaded(String cache, long tookNanos, int keys) {
                    heard.add(cache + " loaded " + keys);
                    throw new IllegalStateException("a bad listener");
                  }

                  @Override
                  public void onLoadFailed(
                      String cache, long tookNanos, int keys, Throwable cause) {
                    heard.add(cache + " failed " + keys + ": " + cause.getMessage());
                  }
                })
            .build();
    get("a");
    gets += 2;
    cache.getAll(List.of("b", "c"));
    failure = new IllegalStateException("down");
    assertThatThrownBy(() -> get("d")).isInstanceOf(CacheLoadException.class);
    assertThat(heard)
        .containsExactly("letters loaded 1", "letters loaded 2", "letters failed 1: down");
  }

  @Test
  void nullsAreRefused() {
    assertThatThrownBy(() -> cache.get(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> cache.invalidate(null)).hasMessage("key must not be null");
    assertThatThrownBy(() -> cache.put(null, "1")).hasMessage("key must not be null");
    assertThatThrownBy(() -> cache.put("a", null)).hasMessageStartingWith("value must not be null");
    assertThatThrownBy(() -> cache.getAll(Arrays.asList("a", null)))
        .hasMessage("key must not be null");
  }

  @Test
  void itSaysHowItDoes() {
    get("a");
    get("a");
    assertThat(cache.toString())
        .startsWith(
            "TieredCache['letters', CacheStats[gets=2, local=50.0 %, served={LOCAL=1, LOADED=1");
  }

  @Test
  void aLoaderThatLoadsOneByOneSaysOfEachKeyWhetherItFailed() {
    CacheLoader<String, String> oneByOne =
        key -> {
          if (key.equals("bad")) {
            throw new IllegalStateException("not this one");
          }
          return key.equals("none") ? null : key.toUpperCase(Locale.ROOT);
        };
    try (TieredCache<String, String> letters = TieredCache.builder("one", oneByOne).build()) {
      assertThatThrownBy(() -> letters.getAll(List.of("a", "bad", "none", "b")))
          .isInstanceOfSatisfying(
              PartialLoadException.class,
              partly -> {
                assertThat(partly.found()).isEqualTo(Map.of("a", "A", "b", "B"));
                assertThat(partly.failures()).containsOnlyKeys("bad");
                assertThat(partly.failures().get("bad")).hasRootCauseMessage("not this one");
              });
      assertThat(letters.getIfPresent("a")).isEqualTo("A");
    }
  }

  @Test
  void nullKeysAreRefusedByName() {
    try (TieredCache<String, String> letters = TieredCache.builder("n", (String k) -> k).build()) {
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> letters.get(null),
              () -> letters.getAsync(null),
              () -> letters.getIfPresent(null),
              () -> letters.invalidate(null),
              () -> letters.fill(null))) {
        assertThatThrownBy(call)
            .isInstanceOf(NullPointerException.class)
            .hasMessage("key must not be null");
      }
      assertThatThrownBy(() -> letters.invalidateTag(null)).hasMessage("a tag must not be null");
    }
  }
}
