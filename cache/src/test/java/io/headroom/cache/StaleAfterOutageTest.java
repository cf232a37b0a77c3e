package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LagLimit;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A process that was cut off from Redis, and whose database is to be spared since: it may serve
 * what is stale, but nothing that it could have learned to be invalidated.
 */
class StaleAfterOutageTest {

  private static final int LOG_LENGTH = 512;
  private static final String TAG = "letters";

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  private FaultProxy way;
  private Fleet fleet;
  private TieredCache<String, String> here;
  private TieredCache<String, String> cutOff;
  private RedisTier tier;
  private volatile LoadLevel level = LoadLevel.NORMAL;

  @BeforeEach
  void begin() {
    way = FaultProxy.to(redis.get());
    fleet = new Fleet(redis.get());
    here =
        fleet.process(
            cache -> cache.tags((key, value) -> List.of(TAG)), shared -> shared.partitions(1));
    tier = fleet.tier("redis://127.0.0.1:" + way.port());
    cutOff =
        fleet.process(
            tier,
            cache ->
                cache
                    .tags((key, value) -> List.of(TAG))
                    .ttl(Duration.ofMinutes(10))
                    .staleFor(Duration.ofMinutes(10))
                    .loadSignal(resource -> level, "database"),
            shared -> shared.partitions(1));
  }

  @AfterEach
  void end() {
    fleet.close();
    way.close();
    redis.heal();
  }

  private void knows(String key) {
    fleet.table().put(key, "old");
    assertThat(cutOff.get(key)).isEqualTo("old");
  }

  private void change(String key) {
    fleet.table().put(key, "new");
    here.invalidate(key);
  }

  private void cut() {
    way.refuse();
    way.resetAll();
    Pair.eventually("it to be known to be away").until(() -> !tier.isUp());
  }

  /** Until it knows what has happened meanwhile, its database is busy. */
  private void comesBack() {
    long raised = Pair.count(cutOff, Count.PARTITIONS_MADE_STALE);
    level = LoadLevel.HIGH;
    way.heal();
    Pair.eventually("it to ask what it has missed")
        .until(() -> Pair.count(cutOff, Count.PARTITIONS_MADE_STALE) > raised);
  }

  private void assertServesAsStale(String key) {
    fleet.table().put(key, "changed by somebody who tells nobody");
    assertThat(cutOff.get(key)).isEqualTo("old");
    assertThat(cutOff.stats().served(Served.STALE_OVERLOAD)).isOne();
  }

  @Test
  void redisHasBegunAnewAndWasToldOfMoreThanOneKey() {
    knows("first");
    knows("second");
    knows("untouched");
    cut();
    redis.get().flush();
    change("first");
    change("second");
    comesBack();

    assertThat(cutOff.get("first")).isEqualTo("new");
    assertThat(cutOff.get("second")).isEqualTo("new");
    assertServesAsStale("untouched");
  }

  @Test
  void redisHasBegunAnewAndWasToldOfMoreThanItsLogHas() {
    assertIsGoneAfterMoreThanTheLogHas(redis.get()::flush);
  }

  @Test
  void redisWasToldOfMoreThanItsLogHas() {
    assertIsGoneAfterMoreThanTheLogHas(() -> {});
  }

  private void assertIsGoneAfterMoreThanTheLogHas(Runnable beforeThat) {
    knows("first");
    cut();
    beforeThat.run();
    change("first");
    for (int i = 0; i < LOG_LENGTH; i++) {
      here.invalidate("another");
    }
    comesBack();

    assertThat(cutOff.get("first")).isEqualTo("new");
  }

  @Test
  void redisHasBegunAnewAndHasForgottenThatAllKeysWereInvalidated() {
    assertIsToldAgain(here::invalidateAll);
  }

  @Test
  void redisHasBegunAnewAndHasForgottenThatATagWasInvalidated() {
    assertIsToldAgain(() -> here.invalidateTag(TAG));
  }

  /** It was told, said so, and lost it with all else before anybody else had heard. */
  private void assertIsToldAgain(Runnable invalidate) {
    knows("first");
    cut();
    fleet.table().put("first", "new");
    invalidate.run();
    assertThat(Pair.count(here, Count.INVALIDATIONS_DELAYED)).isZero();
    redis.get().flush();
    fleet.table().put("another", "old");
    assertThat(here.get("another")).isEqualTo("old");
    Pair.eventually("it to be told again")
        .until(() -> Pair.count(here, Count.INVALIDATIONS_SENT_AGAIN) > 0);
    comesBack();

    assertThat(cutOff.get("first")).isEqualTo("new");
  }

  /** The one who was cut off is back before it is told again. */
  @Test
  void redisHasForgottenThatAllKeysWereInvalidatedAndIsToldSoLate() {
    knows("first");
    cut();
    fleet.table().put("first", "new");
    here.invalidateAll();
    redis.get().flush();
    comesBack();
    fleet.table().put("another", "old");
    assertThat(here.get("another")).isEqualTo("old");
    Pair.eventually("it to be told again")
        .until(() -> Pair.count(here, Count.INVALIDATIONS_SENT_AGAIN) > 0);
    Pair.eventually("the news").until(() -> cutOff.getIfPresent("first") == null);

    assertThat(cutOff.get("first")).isEqualTo("new");
  }

  /** Who starts anew has nothing to forget, and what was told before is no news to it. */
  @Test
  void whoBeginsAfterATagWasInvalidatedLoadsAsEver() {
    here.invalidateTag(TAG);
    AtomicReference<Duration> limit = new AtomicReference<>();
    fleet.between =
        key -> {
          limit.set(RequestContext.current().get(LagLimit.KEY));
          return null;
        };
    fleet.table().put("first", "old");
    redis.get().command("HDEL", "{" + fleet.name() + ":00}", "w"); // as when its time is over
    TieredCache<String, String> later =
        fleet.process(cache -> cache, shared -> shared.partitions(1));
    assertThat(later.get("first")).isEqualTo("old");
    assertThat(limit.get()).as("zero would be the primary's").isPositive();
  }

  @Test
  void whatWasLoadedBeforeRedisWasThere() {
    way.refuse();
    way.resetAll();
    RedisTier late = fleet.tier("redis://127.0.0.1:" + way.port());
    TieredCache<String, String> beganWithout =
        fleet.process(
            late,
            cache ->
                cache.staleFor(Duration.ofMinutes(10)).loadSignal(resource -> level, "database"),
            shared -> shared.partitions(1));
    fleet.table().put("first", "old");
    assertThat(beganWithout.get("first")).isEqualTo("old");
    change("first");
    level = LoadLevel.HIGH;
    way.heal();
    Pair.eventually("it to know what Redis has").until(() -> sharesWith(beganWithout));

    assertThat(beganWithout.get("first")).isEqualTo("new");
  }

  private boolean sharesWith(TieredCache<String, String> other) {
    String key = "key-" + fleet.loads();
    fleet.table().put(key, "old");
    assertThat(here.get(key)).isEqualTo("old");
    assertThat(other.get(key)).isEqualTo("old");
    return other.stats().served(Served.SHARED) > 0;
  }
}
