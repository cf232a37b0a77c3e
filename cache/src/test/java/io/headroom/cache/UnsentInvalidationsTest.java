package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the way to Redis throws instead of sending, in the middle of many: it is told later. */
class UnsentInvalidationsTest {

  private static final int MANY = 1_000;

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private final List<String> keys = new ArrayList<>();

  /** So many calls from now, one is not sent. */
  private final AtomicInteger left = new AtomicInteger();

  private Fleet fleet;
  private TieredCache<String, String> here;
  private TieredCache<String, String> there;

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    RedisTier tier =
        fleet.tier(
            builder ->
                builder
                    .timeout(Duration.ofSeconds(5))
                    .between(
                        new RedisTier.Between() {
                          @Override
                          public SharedStore store(SharedStore store) {
                            return throwing(store);
                          }
                        }));
    here = fleet.process(tier, this::tagged, shared -> shared.partitions(16));
    there = fleet.process(this::tagged, shared -> shared.partitions(16));
    for (int i = 0; i < MANY; i++) {
      keys.add("key-" + i);
      fleet.table().put("key-" + i, "old");
    }
    assertThat(here.getAll(keys)).hasSize(MANY);
    assertThat(there.getAll(keys)).hasSize(MANY);
  }

  private TieredCacheBuilder<String, String> tagged(TieredCacheBuilder<String, String> cache) {
    return cache.tags((key, value) -> List.of("letters")).refreshAhead(0);
  }

  private SharedStore throwing(SharedStore store) {
    return (SharedStore)
        Proxy.newProxyInstance(
            SharedStore.class.getClassLoader(),
            new Class<?>[] {SharedStore.class},
            (proxy, method, arguments) -> {
              boolean tells =
                  method.getName().startsWith("invalidate") || method.getName().equals("begin");
              if (tells && left.decrementAndGet() == 0) {
                throw new IllegalStateException("not sent");
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException theirs) {
                throw theirs.getCause();
              }
            });
  }

  @AfterEach
  void end() {
    fleet.close();
  }

  static Stream<
          Named<
              Function<
                  TieredCache<String, String>, Function<List<String>, CompletableFuture<Void>>>>>
      changes() {
    return Stream.of(
        Named.of(
            "invalidateAll(keys)",
            cache ->
                keys -> {
                  cache.invalidateAll(keys);
                  return CompletableFuture.completedFuture(null);
                }),
        Named.of("invalidateAllAsync(keys)", cache -> cache::invalidateAllAsync),
        Named.of("invalidateTagAsync", cache -> keys -> cache.invalidateTagAsync("letters")),
        Named.of("invalidateAllAsync", cache -> keys -> cache.invalidateAllAsync()));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void itIsToldLaterAndTheOthersNow(
      Function<TieredCache<String, String>, Function<List<String>, CompletableFuture<Void>>> change)
      throws Exception {
    keys.forEach(key -> fleet.table().put(key, "new"));
    left.set(9);

    change.apply(here).apply(keys).get(30, TimeUnit.SECONDS);

    assertThat(Pair.count(here, Count.INVALIDATIONS_DELAYED)).isOne();
    assertThat(here.getAll(keys).values()).containsOnly("new");
    Pair.eventually("it to be told").until(() -> Pair.open(here) == 0);
    Pair.eventually("the news")
        .untilAsserted(() -> assertThat(there.getAll(keys).values()).containsOnly("new"));
    Pair.eventually("Redis to be asked for all again")
        .until(
            () -> {
              long before = Pair.count(here, Count.LOADED_UNSHARED);
              here.invalidateAll(keys);
              assertThat(here.getAll(keys)).hasSize(MANY);
              return Pair.count(here, Count.LOADED_UNSHARED) == before;
            });
  }
}
