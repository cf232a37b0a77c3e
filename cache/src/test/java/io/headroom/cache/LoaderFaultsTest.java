package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The loader fails, is slow, hangs, or finds nothing, while Redis is away as well. */
class LoaderFaultsTest {

  /** Longer than Redis may take to answer, or not to. */
  private static final Duration HARD = Duration.ofSeconds(1);

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  private final ThreadLeaks leaks =
      ThreadLeaks.watch("headroom-redis", "lettuce-", "cache-letters");
  private final CountDownLatch gate = new CountDownLatch(1);
  private Fleet fleet;
  private RedisTier tier;
  private TieredCache<String, String> cache;

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    fleet.table().put("a", "1");
    fleet.table().put("b", "2");
    tier = fleet.tier(builder -> builder);
  }

  private void build(UnaryOperator<TieredCacheBuilder<String, String>> options) {
    cache = fleet.process(tier, options, shared -> shared.maximumStaleness(Pair.MAX_STALENESS));
  }

  @AfterEach
  void end() {
    gate.countDown();
    Leaks.assertNoLoads(cache);
    fleet.close();
    leaks.assertNone();
    redis.heal();
  }

  private void killRedis() {
    redis.get().kill();
    Pair.eventually("Redis to be known to be away")
        .until(
            () -> {
              assertThat(cache.get("nothing")).isNull();
              cache.invalidate("nothing");
              return !tier.isUp();
            });
  }

  private void hang() {
    fleet.between =
        key -> {
          gate.await();
          return null;
        };
  }

  private void fail() {
    fleet.between =
        key -> {
          throw new IllegalStateException("the database is down");
        };
  }

  private void recover() {
    redis.get().restart();
    Pair.eventually("Redis to be known to be back").until(tier::isUp);
    Pair.eventually("invalidations to be told again").until(() -> Pair.open(cache) == 0);
    Pair.eventually("values to be shared")
        .until(
            () -> {
              cache.invalidate("b");
              assertThat(cache.get("b")).isEqualTo("2");
              return Pair.count(cache, Count.FILLS_KEPT) > 0;
            });
  }

  @Test
  void itsFailureIsThrownAndNotKept() {
    build(options -> options);
    killRedis();
    fail();
    assertThatThrownBy(() -> cache.get("a"))
        .isInstanceOf(CacheLoadException.class)
        .hasRootCauseMessage("the database is down");
    fleet.between = key -> null;
    assertThat(cache.get("a")).isEqualTo("1");
    recover();
  }

  @Test
  void aHangingOneHoldsNobodyForLong() {
    build(options -> options.hardTimeout(HARD));
    killRedis();
    hang();
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheLoadTimeoutException.class);
    int loads = fleet.loads();
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheLoadTimeoutException.class);
    assertThat(fleet.loads()).as("one load at a time").isEqualTo(loads);
    gate.countDown();
    Pair.eventually("what it answers in the end").until(() -> "1".equals(cache.getIfPresent("a")));
    recover();
  }

  @Test
  void whatASlowOneIsToReplaceIsServedAsStale() {
    build(
        options ->
            options
                .staleFor(Duration.ofMinutes(1))
                .softTimeout(Duration.ofMillis(50))
                .hardTimeout(HARD));
    assertThat(cache.get("a")).isEqualTo("1");
    assertThat(cache.get("b")).isEqualTo("2");
    killRedis();
    hang();
    Pair.eventually("the value not to be trusted any more")
        .until(() -> cache.getIfPresent("a") == null);

    assertThat(cache.get("a")).isEqualTo("1");

    assertThat(cache.stats().served(Served.STALE_SLOW)).isOne();
    cache.invalidate("b");
    assertThatThrownBy(() -> cache.get("b"))
        .as("what was invalidated is not even served as stale")
        .isInstanceOf(CacheLoadTimeoutException.class);
    gate.countDown();
    recover();
  }

  @Test
  void whatAFailingOneIsToReplaceIsServedAsStale() {
    build(options -> options.staleFor(Duration.ofMinutes(1)));
    assertThat(cache.get("a")).isEqualTo("1");
    killRedis();
    fail();
    Pair.eventually("the value not to be trusted any more")
        .until(() -> cache.getIfPresent("a") == null);

    assertThat(cache.get("a")).isEqualTo("1");

    assertThat(cache.stats().served(Served.STALE_FAILED)).isOne();
    cache.invalidate("a");
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheLoadException.class);
    fleet.between = key -> null;
    recover();
  }

  @Test
  void thatThereIsNoneIsKeptAndInvalidated() {
    build(options -> options);
    killRedis();
    fleet.table().remove("a");
    cache.invalidate("a");
    int loads = fleet.loads();
    assertThat(cache.get("a")).isNull();
    assertThat(cache.get("a")).isNull();
    assertThat(fleet.loads()).isEqualTo(loads + 1);
    fleet.table().put("a", "new");
    cache.invalidate("a");
    assertThat(cache.get("a")).isEqualTo("new");
    recover();
    assertThat(cache.get("a")).isEqualTo("new");
  }

  @Test
  void aLoadThatWasBegunBeforeRedisDiedEnds() {
    build(options -> options.hardTimeout(HARD));
    hang();
    assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheLoadTimeoutException.class);
    redis.get().kill();
    gate.countDown();
    Pair.eventually("its answer").until(() -> "1".equals(cache.getIfPresent("a")));
    fleet.between = key -> null;
    recover();
  }
}
