package io.headroom.spring.boot;

import io.headroom.cache.RedisTier;
import io.headroom.cache.RedisTierBuilder;
import io.headroom.ratelimit.RedisLimits;
import io.headroom.ratelimit.RedisLimitsBuilder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;

/**
 * The ways to the Redis of {@code headroom.redis.uri}. Each is opened by the first cache or limit
 * that is shared.
 */
@AutoConfiguration(after = HeadroomAutoConfiguration.class)
@Conditional(OnProperties.Redis.class)
public final class HeadroomRedisAutoConfiguration {

  private static final String URI = "headroom.redis.uri";

  HeadroomRedisAutoConfiguration() {}

  @Bean
  @Lazy
  @ConditionalOnMissingBean
  RedisTier redisTier(HeadroomProperties properties) {
    RedisProperties redis = properties.redis();
    RedisTierBuilder builder = Setting.check(URI, () -> RedisTier.builder(uris(redis)));
    Setting.choose("headroom.redis.cluster", redis.cluster(), builder::cluster);
    Setting.set("headroom.redis.cache-timeout", redis.cacheTimeout(), builder::timeout);
    return Setting.check(URI, builder::build);
  }

  @Bean
  @Lazy
  @ConditionalOnMissingBean
  RedisLimits redisLimits(HeadroomProperties properties) {
    RedisProperties redis = properties.redis();
    RedisLimitsBuilder builder = Setting.check(URI, () -> RedisLimits.builder(uris(redis)));
    Setting.choose("headroom.redis.cluster", redis.cluster(), builder::cluster);
    Setting.set("headroom.redis.limit-timeout", redis.limitTimeout(), builder::timeout);
    return Setting.check(URI, builder::build);
  }

  private static String[] uris(RedisProperties redis) {
    if (redis.uri().isEmpty()) {
      throw Setting.wrong(
          URI,
          "is missing: there is no Redis to share by.",
          "Set it, as in redis://redis.internal.");
    }
    return redis.uris().toArray(String[]::new);
  }
}
