package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.cache.CacheCodec;
import io.headroom.cache.RedisTier;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import io.headroom.ratelimit.RedisLimits;
import io.headroom.spring.cache.HeadroomCache;
import io.headroom.spring.cache.HeadroomCacheManager;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;

/** Values that processes share, on a real Redis. */
@ExtendWith(OutputCaptureExtension.class)
class SharedCacheTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  /** What is cached. */
  public record Profile(String name, int age) {}

  private static ApplicationContextRunner process(String... more) {
    return Applications.plain()
        .withPropertyValues(
            "headroom.redis.uri=" + redis.get().uri(),
            "headroom.redis.cache-timeout=1s",
            "headroom.caches.profiles.shared=true",
            "headroom.caches.profiles.shared-ttl=10m",
            "headroom.caches.profiles.maximum-staleness=5s",
            "headroom.caches.profiles.schema-version=3",
            "headroom.caches.profiles.type=" + Profile.class.getName())
        .withPropertyValues(more);
  }

  private static HeadroomCache profiles(ApplicationContext context) {
    return Objects.requireNonNull(context.getBean(HeadroomCacheManager.class).getCache("profiles"));
  }

  @Test
  void whatOneProcessLoadsAnotherReadsAndNullIsAnAnswer() {
    Profile woolf = new Profile("Woolf", 59);
    process()
        .run(
            one -> {
              assertThat(profiles(one).get(1L, () -> woolf)).isEqualTo(woolf);
              assertThat(profiles(one).<Profile>get(2L, () -> null)).isNull();
              awaitKey("l1");
              awaitKey("l2");
              process()
                  .run(
                      other -> {
                        assertThat(profiles(other).<Profile>get(1L, SharedCacheTest::fail))
                            .isEqualTo(woolf);
                        assertThat(profiles(other).<Profile>get(2L, SharedCacheTest::fail))
                            .isNull();
                      });
            });
  }

  /** What a plain look-up does without is told of once. */
  @Test
  void aPlainLookUpOfWhatIsSharedIsWarnedOf(CapturedOutput output) {
    String plainly = "cache 'profiles' is looked up plainly";
    process("headroom.caches.profiles.stale-for=1m", "headroom.caches.own.ttl=1m")
        .withUserConfiguration(Cached.class)
        .run(
            context -> {
              Cached cached = context.getBean(Cached.class);
              assertThat(cached.once(7L).name()).isEqualTo("Musil");
              assertThat(cached.own(7L)).isEqualTo(7L);
              assertThat(output).doesNotContain(plainly).doesNotContain("looked up plainly");
              assertThat(cached.plainly(8L).name()).isEqualTo("Musil");
              assertThat(cached.plainly(8L).name()).isEqualTo("Musil");
              assertThat(output)
                  .containsOnlyOnce(plainly)
                  .contains(
                      "reads and fills nothing in Redis, and is served nothing stale",
                      "Say @Cacheable(cacheNames = \"profiles\", sync = true)");
            });
  }

  /** Its methods are cached in one way and in the other. */
  @Configuration(proxyBeanMethods = false)
  @EnableCaching(proxyTargetClass = true)
  static class Cached {

    @Cacheable(cacheNames = "profiles", sync = true)
    public Profile once(Long id) {
      return new Profile("Musil", 61);
    }

    @Cacheable("profiles")
    public Profile plainly(Long id) {
      return new Profile("Musil", 61);
    }

    @Cacheable("own")
    public Long own(Long id) {
      return id;
    }
  }

  /** Elements, too, are what they were, and numbers no smaller ones. */
  @Test
  void valuesMayBeCollectionsAndNumbers() {
    String[] more = {
      "headroom.caches.lists.shared=true",
      "headroom.caches.lists.type=java.util.List<" + Profile.class.getName() + ">",
      "headroom.caches.maps.shared=true",
      "headroom.caches.maps.type=java.util.Map<String, java.util.List<Long>>",
      "headroom.caches.counts.shared=true",
      "headroom.caches.counts.type=long"
    };
    List<Profile> list = List.of(new Profile("Woolf", 59), new Profile("Mann", 80));
    Map<String, List<Long>> map = Map.of("x", List.of(1L, 1L << 40));
    process(more)
        .run(
            one -> {
              assertThat(cache(one, "lists").get("k1", () -> list)).isEqualTo(list);
              assertThat(cache(one, "maps").get("k2", () -> map)).isEqualTo(map);
              assertThat(cache(one, "counts").get("k3", () -> 5L)).isEqualTo(5L);
              for (String key : new String[] {"sk1", "sk2", "sk3"}) {
                Awaitility.await()
                    .until(() -> redis.get().command("KEYS", "*").toString().contains(key));
              }
              process(more)
                  .run(
                      other -> {
                        assertThat(cache(other, "lists").<Object>get("k1", SharedCacheTest::fail))
                            .isEqualTo(list);
                        assertThat(cache(other, "maps").<Object>get("k2", SharedCacheTest::fail))
                            .isEqualTo(map);
                        assertThat(cache(other, "counts").<Object>get("k3", SharedCacheTest::fail))
                            .isEqualTo(5L);
                      });
            });
  }

  private static HeadroomCache cache(ApplicationContext context, String name) {
    return Objects.requireNonNull(context.getBean(HeadroomCacheManager.class).getCache(name));
  }

  private static void awaitKey(String key) {
    Awaitility.await()
        .until(() -> redis.get().command("KEYS", "*profiles*").toString().contains(key));
  }

  private static Profile fail() {
    throw new AssertionError("it is in Redis");
  }

  /** Values written in another way. */
  @Configuration(proxyBeanMethods = false)
  static class Own {

    @Bean
    CacheValues ownValues() {
      return (cache, type) ->
          CacheCodec.<Profile>of(
              99,
              profile -> profile.name().getBytes(java.nio.charset.StandardCharsets.UTF_8),
              bytes -> new Profile(new String(bytes, java.nio.charset.StandardCharsets.UTF_8), 1));
    }
  }

  @Test
  void valuesMayBeWrittenInAnotherWay() {
    process("headroom.caches.profiles.schema-version=4")
        .withUserConfiguration(Own.class)
        .run(
            one -> {
              profiles(one).get(5L, () -> new Profile("Mann", 80));
              awaitKey("l5");
              process("headroom.caches.profiles.schema-version=4")
                  .withUserConfiguration(Own.class)
                  .run(
                      other ->
                          assertThat(profiles(other).<Profile>get(5L, SharedCacheTest::fail))
                              .isEqualTo(new Profile("Mann", 1)));
            });
  }

  @Test
  void aTypeThatIsNotHereStopsTheStart() {
    process("headroom.caches.profiles.type=com.example.Nobody")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("headroom.caches.profiles.type")
                    .hasStackTraceContaining("com.example.Nobody"));
  }

  /** What the starter says is the library's own, else it would refuse what the library takes. */
  @Test
  void whatRedisKeepsForUnlessSetIsTheLibrarys() {
    process()
        .run(
            context -> {
              RedisTier tier = context.getBean(RedisTier.class);
              cache(tier, CacheChecks.SHARED_TTL).close();
              assertThatThrownBy(() -> cache(tier, CacheChecks.SHARED_TTL.plusMillis(1)))
                  .hasMessageContaining("shared tier, " + CacheChecks.SHARED_TTL);
            });
  }

  private static TieredCache<Object, Object> cache(RedisTier tier, Duration ttl) {
    CacheCodec<Object> texts = SpringValues.of(CacheCodec.strings(), String.class);
    return TieredCache.builder("unset", (Object key) -> (Object) "loaded")
        .ttl(ttl)
        .shared(SharedTier.on(tier, new SpringKeys(), texts).build())
        .build();
  }

  @Test
  void aSharedTtlThatCannotBeIsNotBlamedOnTheTtl() {
    process("headroom.caches.profiles.ttl=1m", "headroom.caches.profiles.shared-ttl=0s")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("headroom.caches.profiles.shared-ttl")
                    .satisfies(
                        failure ->
                            assertThat(NestedExceptionUtils.getMostSpecificCause(failure))
                                .hasMessageContaining("must be")
                                .hasMessageNotContaining("outlive")));
  }

  /** Nothing connects that nobody uses. */
  @Test
  void redisIsAskedForOnlyByWhatIsShared() {
    Applications.plain()
        .withPropertyValues("headroom.redis.uri=redis://127.0.0.1:9", "headroom.caches.t.ttl=1m")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBeanFactory().containsSingleton("redisTier")).isFalse();
              assertThat(context.getBeanFactory().containsSingleton("redisLimits")).isFalse();
            });
  }

  @Test
  void bothWaysToRedisAreBeans() {
    process("headroom.redis.limit-timeout=1s")
        .run(
            context -> {
              assertThat(context.getBean(RedisTier.class).isUp()).isTrue();
              assertThat(context.getBean(RedisLimits.class).isUp()).isTrue();
            });
  }

  @Test
  void aUriThatIsNoneStopsTheStart() {
    process("headroom.redis.uri=nothing of the kind")
        .run(
            context ->
                assertThat(context).getFailure().hasStackTraceContaining("headroom.redis.uri"));
  }
}
