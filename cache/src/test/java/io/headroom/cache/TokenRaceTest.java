package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The news come in while somebody reads who has its token: after the entry was found, and before it
 * is asked whether the news have come in.
 */
class TokenRaceTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private final MeddlingTime time = new MeddlingTime();
  private FaultProxy way;
  private Fleet fleet;
  private TieredCache<String, String> here;
  private TieredCache<String, String> there;

  /** Something happens when a thread reads it that is told to make it happen, once. */
  private static final class MeddlingTime implements TimeSource {

    private final ThreadLocal<AtomicReference<Runnable>> next =
        ThreadLocal.withInitial(AtomicReference::new);

    void onNextReading(Runnable action) {
      next.get().set(action);
    }

    @Override
    public long nanoTime() {
      Runnable action = next.get().getAndSet(null);
      if (action != null) {
        action.run();
      }
      return System.nanoTime();
    }

    @Override
    public Instant wallTime() {
      return Instant.EPOCH;
    }
  }

  @BeforeEach
  void begin() {
    way = FaultProxy.to(redis.get());
    fleet = new Fleet(redis.get());
    fleet.table().put("a", "old");
    here = fleet.process();
    RedisTier tier =
        fleet.tier(
            builder ->
                builder.timeout(Duration.ofSeconds(1)).newsFrom("redis://127.0.0.1:" + way.port()));
    there =
        fleet.process(
            tier,
            cache -> cache.time(time).staleFor(Duration.ofMinutes(1)).ttl(Duration.ofMinutes(10)),
            shared -> shared);
    assertThat(there.get("a")).isEqualTo("old");
  }

  @AfterEach
  void end() {
    fleet.close();
    way.close();
  }

  static Stream<Named<BiFunction<TieredCache<String, String>, String, String>>> waysToRead() {
    return Stream.of(
        Named.of("get", TieredCache::get),
        Named.of("getAsync", (cache, key) -> cache.getAsync(key).join()),
        Named.of("getAll", (cache, key) -> cache.getAll(List.of(key)).get(key)),
        Named.of("getAllAsync", (cache, key) -> cache.getAllAsync(List.of(key)).join().get(key)),
        Named.of(
            "getIfPresent",
            (cache, key) -> {
              String there = cache.getIfPresent(key);
              return there == null ? "new" : there;
            }));
  }

  @Test
  @SuppressWarnings("try") // the scope is opened for its effect
  void whoKnowsOfDatabasesAloneIsServedWithOneLook() {
    RequestContext request = RequestContext.builder().build();
    request.observe(ConsistencyToken.of("database", 1, 1));
    AtomicInteger readings = new AtomicInteger();
    try (RequestContext.Scope unused = request.attach()) {
      time.onNextReading(() -> time.onNextReading(readings::incrementAndGet));

      assertThat(there.get("a")).isEqualTo("old");

      assertThat(readings).as("second readings of the clock").hasValue(0);
      assertThat(there.stats().served(Served.LOCAL)).isOne();
    }
  }

  @ParameterizedTest
  @MethodSource("waysToRead")
  @SuppressWarnings("try") // the scope is opened for its effect
  void whatWasFoundBeforeIsNotServed(BiFunction<TieredCache<String, String>, String, String> read) {
    way.blackHole(Direction.TO_CLIENT);
    RequestContext request = RequestContext.builder().build();
    try (RequestContext.Scope unused = request.attach()) {
      fleet.table().putAll(Map.of("a", "new"));
      here.invalidate("a");
      long seen = Pair.count(there, Count.INVALIDATIONS_SEEN);
      time.onNextReading(
          () -> {
            way.heal();
            Pair.eventually("the news")
                .until(() -> Pair.count(there, Count.INVALIDATIONS_SEEN) > seen && isApplied());
          });

      assertThat(read.apply(there, "a")).isEqualTo("new");
    }
  }

  /** The removal comes first, so that this is so when nothing is left to be done. */
  private boolean isApplied() {
    return there.getIfPresent("a") == null;
  }
}
