package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ConsistencyToken;
import io.headroom.LagLimit;
import io.headroom.RequestContext;
import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who does not wait, with Redis behind: what holds at once, and what when the future is done. */
@SuppressWarnings("try") // scopes are opened for their effect
class SharedTwinsTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private final ExecutorService one = Executors.newSingleThreadExecutor();
  private FaultProxy way;
  private RedisTier tier;
  private Fleet fleet;
  private TieredCache<String, String> here;
  private TieredCache<String, String> there;

  @BeforeEach
  void begin() {
    way = FaultProxy.to(redis.get());
    fleet = new Fleet(redis.get());
    fleet.table().putAll(Map.of("a", "old", "b", "old"));
    tier =
        RedisTier.builder("redis://127.0.0.1:" + way.port())
            .timeout(Duration.ofSeconds(5))
            .newsFrom(redis.get().uri())
            .build();
    here =
        fleet.process(
            tier,
            cache -> cache.executor(one).tags((key, value) -> List.of("letters")).refreshAhead(0),
            shared -> shared);
    there =
        fleet.process(cache -> cache.tags((key, value) -> List.of("letters")), shared -> shared);
    assertThat(here.getAll(List.of("a", "b"))).hasSize(2);
    Pair.eventually("them to be shared").until(() -> Pair.count(here, Count.FILLS_KEPT) == 2);
    assertThat(there.get("a")).isEqualTo("old");
  }

  @AfterEach
  void end() {
    way.heal();
    fleet.close();
    tier.close();
    way.close();
    one.shutdownNow();
  }

  static Stream<Named<BiFunction<TieredCache<String, String>, String, CompletableFuture<Void>>>>
      changes() {
    return Stream.of(
        Named.of("putAsync", (cache, value) -> cache.putAsync("a", value)),
        Named.of("invalidateAsync", (cache, value) -> cache.invalidateAsync("a")),
        Named.of(
            "invalidateAllAsync(keys)",
            (cache, value) -> cache.invalidateAllAsync(List.of("b", "a"))),
        Named.of("invalidateTagAsync", (cache, value) -> cache.invalidateTagAsync("letters")),
        Named.of("invalidateAllAsync", (cache, value) -> cache.invalidateAllAsync()));
  }

  private static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(120, TimeUnit.SECONDS); // else the test hangs
  }

  private void write(String value) {
    fleet.table().putAll(Map.of("a", value));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void whenTheFutureIsDoneTheOthersHearOfIt(
      BiFunction<TieredCache<String, String>, String, CompletableFuture<Void>> change)
      throws Exception {
    write("new");

    soon(change.apply(here, "new"));

    assertThat(here.get("a")).isEqualTo("new");
    Pair.eventually("the news").until(() -> "new".equals(there.get("a")));
    assertThat(Pair.count(here, Count.INVALIDATIONS_DELAYED)).isZero();
  }

  @ParameterizedTest
  @MethodSource("changes")
  void nothingOldIsServedHereBeforeThat(
      BiFunction<TieredCache<String, String>, String, CompletableFuture<Void>> change)
      throws Exception {
    way.blackHole(Direction.TO_SERVER); // Redis has not even heard of it
    write("new");

    CompletableFuture<Void> told = change.apply(here, "new");

    assertThat(told).isNotDone();
    assertThat(here.getIfPresent("a")).isNotEqualTo("old");
    assertThat(here.get("a")).isEqualTo("new");
    assertThat(soon(here.getAllAsync(List.of("a")))).containsEntry("a", "new");
    assertThat(told).as("the read has not waited for it").isNotDone();

    way.heal();
    soon(told);

    assertThat(here.get("a")).isEqualTo("new");
    Pair.eventually("the news").until(() -> "new".equals(there.get("a")));
    assertThat(Pair.open(here)).isZero();
    long alone = Pair.count(here, Count.LOADED_UNSHARED);
    here.invalidate("a");
    assertThat(here.getAll(List.of("a", "z"))).containsEntry("a", "new");
    assertThat(Pair.count(here, Count.LOADED_UNSHARED)).as("Redis is asked").isEqualTo(alone);
  }

  /** All partitions begin anew when all is forgotten: of those, nothing stays. */
  static Stream<Named<BiFunction<TieredCache<String, String>, String, CompletableFuture<Void>>>>
      changesOfSome() {
    return changes().filter(change -> !change.getName().equals("invalidateAllAsync"));
  }

  @ParameterizedTest
  @MethodSource("changesOfSome")
  void whatIsPutSinceStays(
      BiFunction<TieredCache<String, String>, String, CompletableFuture<Void>> change)
      throws Exception {
    way.blackHole(Direction.TO_SERVER);
    CompletableFuture<Void> told = change.apply(here, "new");
    CompletableFuture<Void> put = here.putAsync("a", "put");
    assertThat(told).isNotDone();

    way.heal();
    soon(told);
    soon(put);

    assertThat(here.getIfPresent("a")).isEqualTo("put");
    fleet.table().put("a", "put");
    Pair.eventually("the news").until(() -> "put".equals(there.get("a")));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void toCancelTheFutureCancelsNothing(
      BiFunction<TieredCache<String, String>, String, CompletableFuture<Void>> change) {
    way.blackHole(Direction.TO_SERVER);
    write("new");
    assertThat(change.apply(here, "new").cancel(true)).isTrue();
    way.heal();
    Pair.eventually("the news").until(() -> "new".equals(there.get("a")));
    Pair.eventually("it to be confirmed").until(() -> Pair.open(here) == 0);
  }

  @ParameterizedTest
  @MethodSource("changes")
  void itIsToldThoughTheDatabaseHangsThatKnowsWhereTheWriteLies(
      BiFunction<TieredCache<String, String>, String, CompletableFuture<Void>> change)
      throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    RequestContext writer = RequestContext.builder().build();
    writer.observeLater(
        "database",
        () -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return ConsistencyToken.NONE;
        });
    write("new");
    CompletableFuture<Void> told;
    try (RequestContext.Scope scope = writer.attach()) {
      told = change.apply(here, "new");
    }
    assertThat(here.get("a")).as("though Redis has the old value").isEqualTo("new");

    soon(told);

    assertThat(here.get("a")).isEqualTo("new");
    Pair.eventually("the news").until(() -> "new".equals(there.get("a")));
    never.countDown();
  }

  @Test
  void theWritersRequestKnowsWhenTheFutureIsDone() throws Exception {
    RequestContext writer = RequestContext.builder().build();
    write("new");
    CompletableFuture<Void> told;
    try (RequestContext.Scope scope = writer.attach()) {
      told = here.invalidateAsync("a");
    }
    soon(told);
    assertThat(writer.token().domains()).hasSize(1);
    try (RequestContext.Scope scope = writer.attach()) {
      assertThat(there.get("a")).isEqualTo("new");
    }
  }

  @Test
  void whoKnowsMoreThanThisProcessIsServedOnTheOneThread() throws Exception {
    RequestContext reader = RequestContext.builder().build();
    Set<String> domains = new HashSet<>();
    try (RequestContext.Scope scope = reader.attach()) {
      here.invalidateAll(List.of("a", "b"));
      domains.addAll(reader.token().domains());
      for (String domain : domains) {
        reader.observe(ConsistencyToken.of(domain, Long.MAX_VALUE, 1));
      }
      int loads = fleet.loads();
      assertThat(soon(here.getAllAsync(List.of("a", "b", "z")))).hasSize(2);
      assertThat(fleet.loads() - loads).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void whatIsNoAnswerToHimIsNotTakenForThereBeingNone() {
    RequestContext reader = RequestContext.builder().build();
    fleet.between =
        key -> {
          throw new NoClassDefFoundError("of the loader");
        };
    try (RequestContext.Scope scope = reader.attach()) {
      here.invalidateAll(List.of("a", "b"));
      for (String domain : Set.copyOf(reader.token().domains())) {
        reader.observe(ConsistencyToken.of(domain, Long.MAX_VALUE, 1));
      }
      assertThatThrownBy(() -> here.getAll(List.of("a", "b")))
          .isInstanceOf(NoClassDefFoundError.class);
      CompletableFuture<?> both = here.getAllAsync(List.of("a", "b"));
      assertThatThrownBy(() -> soon(both)).hasCauseInstanceOf(NoClassDefFoundError.class);
    }
  }

  @Test
  void manyAreNotTooManyToRememberWhenNobodyWaits() throws Exception {
    List<String> keys = IntStream.range(0, 12_000).mapToObj(i -> "key-" + i).toList();
    long raised = Pair.count(here, Count.PARTITIONS_MADE_STALE);
    soon(here.invalidateAllAsync(keys));
    assertThat(Pair.open(here)).isZero();
    assertThat(Pair.count(here, Count.PARTITIONS_MADE_STALE)).isEqualTo(raised);
    assertThat(Pair.count(here, Count.INVALIDATIONS_SENT)).isGreaterThanOrEqualTo(12_000);
  }

  @Test
  void manyCallsAreNotTakenForAnOutage() throws Exception {
    long failures = Pair.count(here, Count.FAILURES);
    List<CompletableFuture<Void>> told = new ArrayList<>();
    for (int i = 0; i < 40_000; i++) {
      told.add(here.invalidateAsync("key-" + i));
    }
    soon(Changes.all(told));
    assertThat(tier.isUp()).isTrue();
    assertThat(Pair.count(here, Count.INVALIDATIONS_DELAYED)).isZero();
    assertThat(Pair.count(here, Count.FAILURES)).isEqualTo(failures);
    assertThat(Pair.open(here)).isZero();
    int loads = fleet.loads();
    assertThat(fleet.process().get("b")).isEqualTo("old");
    assertThat(fleet.loads()).as("Redis still has what nobody has touched").isEqualTo(loads);
  }

  /** A value that is sent later than it was put may be older than what others have written. */
  @Test
  void whatIsPutWhileMuchIsUnderWayIsForgottenElsewhereInstead() throws Exception {
    way.blackHole(Direction.TO_SERVER);
    List<CompletableFuture<Void>> told = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      told.add(here.invalidateAsync("key-" + i));
    }
    write("new");
    told.add(here.putAsync("a", "new"));
    assertThat(here.getIfPresent("a")).isEqualTo("new");
    fleet.table().put("a", "newer");
    there.invalidate("a");
    Pair.eventually("the news").until(() -> here.getIfPresent("a") == null);
    way.heal();
    soon(Changes.all(told));
    assertThat(there.get("a")).isEqualTo("newer");
    assertThat(here.get("a")).isEqualTo("newer");
    Pair.eventually("the news").until(() -> "newer".equals(there.get("a")));
  }

  @Test
  void whatIsNoTextFailsAsWhereTheCallerWaits() {
    List<String> keys = List.of("a", "\uD83D");
    assertThatThrownBy(() -> here.invalidateAll(keys)).isInstanceOf(IllegalArgumentException.class);
    for (CompletableFuture<?> failed :
        List.of(
            here.invalidateAllAsync(keys),
            here.invalidateAsync("\uD83D"),
            here.putAsync("\uD83D", "x"),
            here.getAllAsync(keys))) {
      assertThatThrownBy(failed::join).hasCauseInstanceOf(IllegalArgumentException.class);
    }
    assertThat(here.getIfPresent("a")).as("none was forgotten").isEqualTo("old");
  }

  @Test
  void insideAWriteTransactionNobodyFillsFromThenOn() throws Exception {
    RequestContext writer = RequestContext.builder().build();
    try (RequestContext.Scope scope = writer.attach()) {
      writer.writeTransactionOpened();
      soon(here.invalidateAllAsync(List.of("a", "z")));
    }
    long alone = Pair.count(there, Count.LOADED_UNSHARED);
    assertThat(there.get("z")).isNull();
    assertThat(Pair.count(there, Count.LOADED_UNSHARED) - alone).isOne();
    assertThat(here.get("a")).isEqualTo("old");
    write("new");
    writer.writeTransactionClosed();
    assertThat(here.get("a")).isEqualTo("new");
    Pair.eventually("the news").until(() -> "new".equals(there.get("a")));
  }

  @Test
  void loadsThatFollowSeeWhatWasWritten() throws Exception {
    RequestContext writer = RequestContext.builder().build();
    writer.observeLater("database", () -> ConsistencyToken.of("database", 1, 7));
    try (RequestContext.Scope scope = writer.attach()) {
      soon(here.invalidateAsync("a"));
    }
    fleet.between =
        key -> {
          RequestContext context = RequestContext.current();
          assertThat(context.knownToken().position("database")).isPresent();
          assertThat(context.get(LagLimit.KEY)).isNotEqualTo(Duration.ZERO);
          return null;
        };
    assertThat(here.get("a")).isEqualTo("old");
  }
}
