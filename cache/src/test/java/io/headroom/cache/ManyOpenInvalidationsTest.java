package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** So much was invalidated during an outage that it cannot be told all at once, or remembered. */
class ManyOpenInvalidationsTest {

  private static final int SAMPLE = 50;

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  private Fleet fleet;
  private RedisTier tier;

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    tier = fleet.tier(builder -> builder);
  }

  @AfterEach
  void end() {
    fleet.close();
    redis.heal();
  }

  private List<String> shared(TieredCache<String, String> cache) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < SAMPLE; i++) {
      keys.add("key-" + i);
      fleet.table().put("key-" + i, "old");
    }
    Pair.eventually("the values to be shared")
        .until(
            () -> {
              assertThat(cache.getAll(keys)).hasSize(SAMPLE);
              return Pair.count(cache, Count.FILLS_KEPT) >= SAMPLE;
            });
    return keys;
  }

  /** Of more than ten thousand not all are remembered, so that everything is forgotten instead. */
  @ParameterizedTest
  @ValueSource(ints = {9_000, 12_000})
  void nothingFromBeforeIsBroughtBack(int many) {
    TieredCache<String, String> cache =
        fleet.process(tier, options -> options.maximumEntries(1), shared -> shared);
    List<String> sample = shared(cache);
    redis.get().stop();
    Pair.eventually("Redis to be known to be away")
        .until(
            () -> {
              cache.invalidate("nothing");
              return !tier.isUp();
            });
    for (int i = 0; i < many; i++) {
      cache.invalidate("nothing-" + i);
    }
    sample.forEach(key -> fleet.table().put(key, "new"));
    cache.invalidateAll(sample);

    redis.get().resume();

    Pair.eventually("all to be told")
        .until(
            () -> {
              // Its own tier has room for one: the others are asked for in Redis, once that is
              // back.
              sample.forEach(key -> assertThat(cache.get(key)).isEqualTo("new"));
              return tier.isUp() && Pair.open(cache) == 0;
            });
    long fromRedis = cache.stats().served(Served.SHARED);
    Pair.eventually("values to be shared")
        .until(
            () -> {
              sample.forEach(key -> assertThat(cache.get(key)).isEqualTo("new"));
              return cache.stats().served(Served.SHARED) > fromRedis;
            });
    TieredCache<String, String> other =
        fleet.process(fleet.tier(builder -> builder), options -> options, shared -> shared);
    sample.forEach(key -> assertThat(other.get(key)).isEqualTo("new"));
  }
}
