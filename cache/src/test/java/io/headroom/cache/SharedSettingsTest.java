package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that do not go together, and values that are not to be shared. */
class SharedSettingsTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private Fleet fleet;

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    fleet.table().put("a", "1");
  }

  @AfterEach
  void end() {
    redis.heal();
    fleet.close();
  }

  private TieredCache<String, String> process(
      UnaryOperator<SharedTierBuilder<String, String>> shared) {
    return fleet.process(cache -> cache, shared);
  }

  private RedisTier tier() {
    return fleet.tier(options -> options.timeout(Duration.ofSeconds(1)));
  }

  @Test
  void processesOfTwoSchemasShareInvalidationsAndNoValues() {
    TieredCache<String, String> older = process(shared -> shared.schemaVersion(1));
    TieredCache<String, String> newer = process(shared -> shared.schemaVersion(2));
    assertThat(older.get("a")).isEqualTo("1");
    assertThat(newer.get("a")).isEqualTo("1");
    assertThat(fleet.loads()).as("neither sees the other's").isEqualTo(2);
    assertThat(newer.stats().shared().count(Count.UNDECODABLE)).isZero();

    for (TieredCache<String, String> writer : List.of(older, newer)) {
      String written = "by " + (writer == older ? "older" : "newer");
      fleet.table().put("a", written);
      writer.invalidate("a");
      OneEntry.soon().until(() -> written.equals(older.get("a")) && written.equals(newer.get("a")));
    }
    newer.put("a", "put");
    fleet.table().put("a", "put");
    OneEntry.soon().until(() -> "put".equals(older.get("a")));
  }

  @Test
  void inOneProcessCachesOfOneNameHaveTheSameSettings() {
    RedisTier tier = tier();
    fleet.process(tier, cache -> cache, shared -> shared);
    fleet.process(tier, cache -> cache, shared -> shared.lease(Duration.ofSeconds(1)));

    assertThatThrownBy(
            () -> fleet.process(tier, cache -> cache, shared -> shared.ttl(Duration.ofDays(1))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("there is a cache '" + fleet.name() + "' already")
        .hasMessageContaining("ttl PT24H")
        .hasMessageContaining("ttl PT1H");
  }

  @Test
  void anotherNumberOfPartitionsElsewhereIsRefused() {
    process(shared -> shared);

    assertThatThrownBy(() -> process(shared -> shared.partitions(32)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'" + fleet.name() + "' has another number of partitions");
    process(shared -> shared.partitions(64));
  }

  @Test
  void anotherNumberOfPartitionsIsNotUsedWhereThatComesOutLater() {
    TieredCache<String, String> here = process(shared -> shared);
    assertThat(here.get("a")).isEqualTo("1");
    OneEntry.soon().until(() -> here.stats().shared().count(Count.FILLS_KEPT) == 1);
    redis.get().stop();
    RedisTier tier = tier();
    TieredCache<String, String> odd =
        fleet.process(tier, cache -> cache, shared -> shared.partitions(32));
    TieredCache<String, String> beside =
        TieredCache.<String, String>builder(fleet.name() + "-beside", key -> key)
            .shared(SharedTier.on(tier, CacheKeys.strings(), CacheCodec.strings()).build())
            .build();
    redis.get().resume();
    // The same tick asks for both.
    OneEntry.soon()
        .until(
            () -> {
              beside.invalidate("b");
              beside.get("b");
              return beside.stats().shared().count(Count.FILLS_KEPT) > 0;
            });

    for (int i = 0; i < 10; i++) {
      odd.invalidateAll();
      assertThat(odd.get("a")).isEqualTo("1");
    }

    assertThat(odd.stats().served(Served.SHARED)).isZero();
    assertThat(odd.stats().shared().count(Count.FILLS_KEPT)).isZero();
    assertThat(odd.stats().shared().count(Count.LOADED_UNSHARED)).isEqualTo(10);
    beside.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a{b", "a}b", "a b", "a:b", "a\0b", "\u00e4", "a\tb"})
  void namesThatWouldBreakKeysAreRefused(String name) {
    assertThatThrownBy(() -> named(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cache '" + name + "'")
        .hasMessageContaining("no space, colon or brace");
  }

  @Test
  void aNameHasALength() {
    named("n".repeat(56)).close();
    assertThatThrownBy(() -> named("n".repeat(57)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 56");
  }

  private TieredCache<String, String> named(String name) {
    return TieredCache.<String, String>builder(name, key -> key)
        .shared(SharedTier.on(tier(), CacheKeys.strings(), CacheCodec.strings()).build())
        .build();
  }

  @Test
  void aValueThatIsTooLargeIsServedAndNotShared() {
    String large = "x".repeat(500);
    fleet.table().put("a", large);
    TieredCache<String, String> here = process(shared -> shared.maximumValueBytes(100));
    TieredCache<String, String> there = process(shared -> shared.maximumValueBytes(100));

    assertThat(here.get("a")).isEqualTo(large);
    assertThat(there.get("a")).isEqualTo(large);
    assertThat(here.get("a")).isEqualTo(large);

    assertThat(fleet.loads()).isEqualTo(2);
    assertThat(here.stats().shared().count(Count.TOO_LARGE)).isOne();
    assertThat(here.stats().shared().count(Count.BYTES_WRITTEN)).isZero();
    assertThat(there.stats().shared().count(Count.LEASE_WAITS_IN_VAIN)).as("released").isZero();
    here.put("a", large);
    assertThat(here.get("a")).isEqualTo(large);
    assertThat(here.stats().shared().count(Count.TOO_LARGE)).isEqualTo(2);
  }

  @Test
  void whatIsLargerThanThisProcessAllowsIsNotRead() {
    fleet.table().put("a", "x".repeat(500));
    TieredCache<String, String> here = process(shared -> shared);
    TieredCache<String, String> there = process(shared -> shared.maximumValueBytes(100));
    assertThat(here.get("a")).hasSize(500);
    OneEntry.soon().until(() -> here.stats().shared().count(Count.FILLS_KEPT) == 1);

    assertThat(there.get("a")).hasSize(500);

    assertThat(there.stats().shared().count(Count.UNDECODABLE)).isPositive();
    assertThat(there.stats().served(Served.LOADED)).isOne();
  }

  private TieredCache<String, String> coded(
      CacheCodec.Encoder<String> encoder, CacheCodec.Decoder<String> decoder) {
    TieredCache<String, String> cache =
        TieredCache.builder(fleet.name() + "-coded", fleet::load)
            .ttl(Duration.ofMillis(1))
            .refreshAhead(0)
            .shared(
                SharedTier.on(tier(), CacheKeys.strings(), CacheCodec.of(64, encoder, decoder))
                    .build())
            .build();
    return cache;
  }

  @Test
  void whatACodecCannotEncodeIsServedAndNotShared() {
    for (CacheCodec.Encoder<String> encoder :
        List.<CacheCodec.Encoder<String>>of(
            value -> null,
            value -> {
              throw new IOException("thrown by a test");
            },
            value -> {
              throw new IllegalStateException("thrown by a test");
            })) {
      TieredCache<String, String> cache = coded(encoder, bytes -> "never");
      assertThat(cache.get("a")).isEqualTo("1");
      assertThat(cache.stats().shared().count(Count.NOT_ENCODED)).isOne();
      assertThat(cache.getAll(List.of("a", "b"))).containsEntry("a", "1");
      cache.put("a", "put");
      assertThat(cache.stats().shared().count(Count.NOT_ENCODED)).isGreaterThan(1);
      assertThat(cache.stats().served(Served.FAILED)).isZero();
      cache.close();
    }
  }

  @Test
  void whatACodecCannotDecodeIsLoaded() {
    for (CacheCodec.Decoder<String> decoder :
        List.<CacheCodec.Decoder<String>>of(
            bytes -> null,
            bytes -> {
              throw new IOException("thrown by a test");
            },
            bytes -> {
              throw new IllegalStateException("thrown by a test");
            })) {
      TieredCache<String, String> cache = coded(value -> new byte[3], decoder);
      cache.invalidate("a");
      for (int i = 0; i < 3; i++) {
        OneEntry.soon().until(() -> cache.getIfPresent("a") == null);
        assertThat(cache.get("a")).isEqualTo("1");
        OneEntry.soon().until(() -> cache.getIfPresent("a") == null);
        assertThat(cache.getAll(List.of("a", "b"))).containsEntry("a", "1");
      }
      assertThat(cache.stats().shared().count(Count.UNDECODABLE)).isPositive();
      assertThat(cache.stats().served(Served.SHARED)).isLessThanOrEqualTo(5); // that b is absent
      assertThat(cache.stats().served(Served.FAILED)).isZero();
      cache.close();
    }
  }
}
