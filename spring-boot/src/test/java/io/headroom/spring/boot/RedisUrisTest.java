package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.spring.cache.HeadroomCache;
import io.headroom.spring.cache.HeadroomCacheManager;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisSentinels;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Where Redis is, in all ways that the libraries document. */
class RedisUrisTest {

  @RegisterExtension static final RedisExtension<RedisSentinels> redis = RedisExtension.sentinel();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "redis-sentinel://s1,s2,s3#main | redis-sentinel://s1,s2,s3#main",
        "redis://n1, redis://n2 | redis://n1;redis://n2",
        "redis://n1,rediss://n2:7 | redis://n1;rediss://n2:7",
        "redis://:pass,word@n1 | redis://:pass,word@n1"
      })
  void aTextIsSplitBetweenUrisOnly(String text, String uris) {
    assertThat(urisOf("headroom.redis.uri=" + text)).containsExactly(uris.split(";"));
  }

  @Test
  void aListIsTakenAsItIs() {
    assertThat(urisOf("headroom.redis.uri[0]=redis://n1", "headroom.redis.uri[1]=redis://n2"))
        .containsExactly("redis://n1", "redis://n2");
  }

  private static List<String> urisOf(String... properties) {
    List<String> uris = new java.util.ArrayList<>();
    Applications.plain()
        .withPropertyValues(properties)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              uris.addAll(context.getBean(HeadroomProperties.class).redis().uris());
            });
    return uris;
  }

  private static ApplicationContextRunner process() {
    return Applications.plain()
        .withPropertyValues(
            "headroom.redis.uri=" + redis.get().uri(),
            "headroom.redis.cache-timeout=2s",
            "headroom.caches.titles.shared=true",
            "headroom.caches.titles.type=java.lang.String");
  }

  @Test
  void sentinelsAreAskedWhereRedisIs() {
    assertThat(redis.get().uri()).contains(",");
    process()
        .run(
            one -> {
              assertThat(titles(one.getBean(HeadroomCacheManager.class)).get(1L, () -> "one"))
                  .isEqualTo("one");
              process()
                  .run(
                      other ->
                          Awaitility.await()
                              .ignoreExceptions()
                              .until(
                                  () ->
                                      titles(other.getBean(HeadroomCacheManager.class))
                                          .get(1L, RedisUrisTest::absent)
                                          .equals("one")));
            });
  }

  private static String absent() {
    throw new IllegalStateException("Redis does not have it yet");
  }

  private static HeadroomCache titles(HeadroomCacheManager manager) {
    return Objects.requireNonNull(manager.getCache("titles"));
  }
}
