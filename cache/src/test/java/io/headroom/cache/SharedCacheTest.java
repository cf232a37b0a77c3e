package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headroom.LagLimit;
import io.headroom.RequestContext;
import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What processes see of each other, while all is well. */
class SharedCacheTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private Fleet fleet;

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    fleet.table().putAll(Map.of("a", "1", "b", "2", "c", "3"));
  }

  @AfterEach
  void end() {
    fleet.close();
  }

  @Test
  void whatOneProcessLoadsAnotherNeedNot() {
    TieredCache<String, String> here = fleet.process();
    TieredCache<String, String> there = fleet.process();
    assertThat(here.get("a")).isEqualTo("1");
    await().until(() -> here.stats().shared().count(SharedStats.Count.FILLS_KEPT) == 1);

    assertThat(there.get("a")).isEqualTo("1");

    assertThat(fleet.loads()).isOne();
    assertThat(there.stats().served(Served.SHARED)).isOne();
    assertThat(there.get("a")).isEqualTo("1");
    assertThat(there.stats().served(Served.LOCAL)).isOne();
  }

  @Test
  void anInvalidationReachesTheOthers() {
    TieredCache<String, String> here = fleet.process();
    TieredCache<String, String> there = fleet.process();
    assertThat(here.get("a")).isEqualTo("1");
    assertThat(there.get("a")).isEqualTo("1");

    fleet.table().put("a", "new");
    here.invalidate("a");

    assertThat(here.get("a")).isEqualTo("new");
    await().until(() -> "new".equals(there.get("a")));
    assertThat(there.getIfPresent("b")).isNull();
  }

  @Test
  void thatThereIsNoneIsSharedToo() {
    TieredCache<String, String> here = fleet.process();
    TieredCache<String, String> there = fleet.process();
    assertThat(here.get("z")).isNull();
    await().until(() -> here.stats().shared().count(SharedStats.Count.FILLS_KEPT) == 1);

    assertThat(there.get("z")).isNull();

    assertThat(fleet.loads()).isOne();
  }

  @Test
  void whatIsPutIsThereForAll() {
    TieredCache<String, String> here = fleet.process();
    TieredCache<String, String> there = fleet.process();
    assertThat(there.get("a")).isEqualTo("1");

    here.put("a", "put");

    assertThat(here.get("a")).isEqualTo("put");
    await().until(() -> "put".equals(there.get("a")));
    assertThat(fleet.loads()).isOne();
  }

  @Test
  void manyAreReadInOnePass() {
    TieredCache<String, String> here = fleet.process();
    TieredCache<String, String> there = fleet.process();
    assertThat(here.getAll(List.of("a", "b"))).isEqualTo(Map.of("a", "1", "b", "2"));
    await().until(() -> here.stats().shared().count(SharedStats.Count.FILLS_KEPT) == 2);

    assertThat(there.getAll(List.of("a", "b", "c", "z")))
        .isEqualTo(Map.of("a", "1", "b", "2", "c", "3"));

    assertThat(there.stats().served(Served.SHARED)).isEqualTo(2);
    assertThat(there.stats().served(Served.LOADED)).isEqualTo(2);
    assertThat(there.stats().loads()).as("one by one, since loadAll is not overridden").isOne();
  }

  @Test
  void everythingCanBeForgotten() {
    TieredCache<String, String> here = fleet.process();
    TieredCache<String, String> there = fleet.process();
    assertThat(there.getAll(List.of("a", "b"))).hasSize(2);
    fleet.table().putAll(Map.of("a", "new", "b", "new"));

    here.invalidateAll();

    assertThat(here.getAll(List.of("a", "b"))).isEqualTo(Map.of("a", "new", "b", "new"));
    await().until(() -> "new".equals(there.get("a")) && "new".equals(there.get("b")));
  }

  @Test
  void aTagIsForgottenEverywhere() {
    TieredCache<String, String> here = tagged();
    TieredCache<String, String> there = tagged();
    assertThat(there.getAll(List.of("a", "b", "c"))).hasSize(3);
    fleet.table().putAll(Map.of("a", "11", "b", "22", "c", "33"));

    here.invalidateTag("vowel");

    assertThat(here.get("a")).isEqualTo("11");
    assertThat(here.get("b")).as("it has another tag").isEqualTo("2");
    await().until(() -> "11".equals(there.get("a")));
    assertThat(there.get("b")).isEqualTo("2");
  }

  @Test
  void ofManyThatAreLoadedTheTagsOfOneMayFail() {
    TieredCache<String, String> here = failing("a");
    TieredCache<String, String> there = fleet.process();

    assertThatThrownBy(() -> here.getAll(List.of("a", "b", "c")))
        .isInstanceOfSatisfying(
            PartialLoadException.class,
            partial -> {
              assertThat(partial.found()).isEqualTo(Map.of("b", "2", "c", "3"));
              assertThat(partial.failures()).containsOnlyKeys("a");
            });

    Leaks.assertNoLoads(here);
    await().until(() -> Pair.count(here, SharedStats.Count.FILLS_KEPT) == 2);
    assertThat(there.getAll(List.of("a", "b", "c"))).hasSize(3);
    assertThat(there.stats().served(Served.SHARED)).isEqualTo(2);
    assertThat(Pair.count(there, SharedStats.Count.LEASE_WAITS_IN_VAIN)).isZero();
    await().until(() -> Pair.count(there, SharedStats.Count.FILLS_KEPT) == 1);
  }

  @Test
  void ofManyThatAreThereTheTagsOfOneMayFail() {
    TieredCache<String, String> here = fleet.process();
    TieredCache<String, String> there = failing("a");
    assertThat(here.getAll(List.of("a", "b"))).hasSize(2);
    await().until(() -> Pair.count(here, SharedStats.Count.FILLS_KEPT) == 2);

    assertThatThrownBy(() -> there.getAll(List.of("a", "b", "c")))
        .isInstanceOfSatisfying(
            PartialLoadException.class,
            partial -> {
              assertThat(partial.found()).isEqualTo(Map.of("b", "2", "c", "3"));
              assertThat(partial.failures()).containsOnlyKeys("a");
            });

    Leaks.assertNoLoads(there);
    await().until(() -> Pair.count(there, SharedStats.Count.FILLS_KEPT) == 1);
  }

  private TieredCache<String, String> failing(String failing) {
    return fleet.process(
        cache ->
            cache.tags(
                (key, value) -> {
                  if (failing.equals(key)) {
                    throw new IllegalStateException("no tags for this one");
                  }
                  return List.of("tag");
                }),
        shared -> shared);
  }

  private TieredCache<String, String> tagged() {
    return fleet.process(
        cache -> cache.tags((key, value) -> List.of("a".equals(key) ? "vowel" : "consonant")),
        shared -> shared);
  }

  @Test
  void veryManyAreInvalidatedWithoutAnyHarm() {
    TieredCache<String, String> here = fleet.process();
    TieredCache<String, String> there = fleet.process();
    assertThat(there.get("a")).isEqualTo("1");
    List<String> many = IntStream.range(0, 12_000).mapToObj(i -> "key-" + i).toList();

    here.invalidateAll(many);

    assertThat(Pair.count(here, Count.INVALIDATIONS_SENT)).isEqualTo(many.size());
    assertThat(Pair.count(here, Count.INVALIDATIONS_DELAYED)).isZero();
    Pair.eventually("the news")
        .until(() -> Pair.count(there, Count.INVALIDATIONS_SEEN) >= many.size());
    assertThat(Pair.count(there, Count.PARTITIONS_MADE_STALE)).isZero();
    assertThat(there.getIfPresent("a")).isEqualTo("1");
  }

  @Test
  void aPutWhoseTagsCannotBeHadDoesNothingAndStopsNobody() {
    TieredCache<String, String> cache =
        fleet.process(
            options ->
                options.tags(
                    (key, value) -> {
                      if (value.equals("bad")) {
                        throw new IllegalStateException("no tags for this one");
                      }
                      return List.of("tag");
                    }),
            shared -> shared);
    assertThat(cache.get("a")).isEqualTo("1");
    assertThatThrownBy(() -> cache.put("a", "bad")).hasMessage("no tags for this one");
    assertThat(cache.get("a")).isEqualTo("1");
    cache.invalidate("a");
    assertThat(cache.get("a")).isEqualTo("1");
  }

  @Test
  void loadsOfAnyKeySeeWhatATagOrAllWereInvalidatedFor() throws Exception {
    TieredCache<String, String> here = tagged();
    TieredCache<String, String> there = tagged();
    List<Duration> limits = new CopyOnWriteArrayList<>();
    fleet.between =
        key -> {
          limits.add(Objects.requireNonNull(RequestContext.current().get(LagLimit.KEY)));
          return null;
        };
    there.get("a");
    here.invalidateTag("vowel"); // by a writer without a token
    there.get("b");
    here.get("c");
    assertThat(limits).element(0).isNotEqualTo(Duration.ZERO);
    assertThat(limits).element(1).isEqualTo(Duration.ZERO);
    assertThat(limits).element(2).isEqualTo(Duration.ZERO);
  }

  /** A look into an entry must not take the old epoch for the present one. */
  @Test
  void everythingIsForgottenHereWhetherTheNewsComeInOrNot() {
    RedisTier deaf =
        fleet.tier(
            builder ->
                builder
                    .timeout(Duration.ofSeconds(1))
                    .between(
                        new RedisTier.Between() {
                          @Override
                          public Consumer<byte[]> news(Consumer<byte[]> reader) {
                            return message -> {};
                          }
                        }));
    TieredCache<String, String> cache = fleet.process(deaf, options -> options, shared -> shared);
    for (int i = 0; i < 20; i++) {
      String value = String.valueOf(i);
      long kept = Pair.count(cache, Count.FILLS_KEPT);
      fleet.table().put("a", value);
      cache.invalidateAll();
      assertThat(cache.get("a")).isEqualTo(value);
      Pair.eventually("it to be shared").until(() -> Pair.count(cache, Count.FILLS_KEPT) > kept);
    }
  }

  /** It is in Redis, and was never here. */
  @Test
  void whatIsStaleInRedisIsServedWhileAnotherLoadsOrAllLoadsFail() throws Exception {
    TieredCache<String, String> here = staleAllowing();
    TieredCache<String, String> there = staleAllowing();
    TieredCache<String, String> third = staleAllowing();
    assertThat(here.get("a")).isEqualTo("1");
    Pair.eventually("it to be shared").until(() -> Pair.count(here, Count.FILLS_KEPT) == 1);
    Pair.eventually("its time to be over").until(() -> here.getIfPresent("a") == null);
    fleet.table().put("a", "2");
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    fleet.between =
        key -> {
          loading.countDown();
          gate.await();
          return null;
        };
    CompletableFuture<String> loaded = here.getAsync("a");
    loading.await();

    assertThat(there.get("a")).isEqualTo("1");
    assertThat(there.stats().served(Served.STALE_LEASED)).isOne();

    fleet.between =
        key -> {
          throw new IllegalStateException("the database is down");
        };
    gate.countDown();
    assertThat(loaded.get(60, TimeUnit.SECONDS)).isEqualTo("2");
    Pair.eventually("that to be shared").until(() -> Pair.count(here, Count.FILLS_KEPT) == 2);
    Pair.eventually("that to be over too").until(() -> here.getIfPresent("a") == null);
    assertThat(third.get("a")).isEqualTo("2");
    assertThat(third.stats().served(Served.STALE_FAILED)).isOne();
  }

  private TieredCache<String, String> staleAllowing() {
    return fleet.process(
        options -> options.staleFor(Duration.ofMinutes(1)).refreshAhead(0).ttlJitter(0),
        shared -> shared.ttl(Duration.ofMillis(1_500)));
  }
}
