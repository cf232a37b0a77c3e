package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.headroom.cache.CacheMetrics;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.GuardMetrics;
import io.headroom.ratelimit.RateLimitMetrics;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.RoutingMetrics;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardingMetrics;
import io.headroom.spring.cache.HeadroomCache;
import io.headroom.spring.cache.HeadroomCacheManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * The meters of all that is configured, and of HikariCP's pools below {@code headroom.database};
 * bound by Spring Boot to its registries.
 */
@AutoConfiguration(
    after = {
      HeadroomDatabaseAutoConfiguration.class,
      HeadroomCacheAutoConfiguration.class,
      HeadroomLimitAutoConfiguration.class
    },
    afterName = {
      "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
    })
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(MeterRegistry.class)
@Conditional(OnProperties.Headroom.class)
public final class HeadroomMetricsAutoConfiguration {

  HeadroomMetricsAutoConfiguration() {}

  @Bean
  MeterBinder headroomDatabaseMeters(
      ObjectProvider<Databases> databases,
      ObjectProvider<ReplicaDataSource> replicas,
      ObjectProvider<ShardRouter<?>> router,
      ObjectProvider<ConnectionGuard> guard) {
    return registry -> {
      databases.ifAvailable(known -> bindDatabases(known, registry));
      if (databases.stream().allMatch(known -> known.replicated().isEmpty())) {
        replicas.forEach(cluster -> RoutingMetrics.of(cluster).bindTo(registry));
      }
      router.forEach(known -> ShardingMetrics.of(known).bindTo(registry));
      guard.forEach(known -> GuardMetrics.of(known).bindTo(registry));
    };
  }

  private static void bindDatabases(Databases databases, MeterRegistry registry) {
    databases.replicated().values().forEach(each -> RoutingMetrics.of(each).bindTo(registry));
    for (HikariDataSource pool : databases.pools().values()) {
      if (pool.getMetricRegistry() == null && pool.getMetricsTrackerFactory() == null) {
        pool.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(registry));
      }
    }
  }

  @Bean
  MeterBinder headroomCacheMeters(ObjectProvider<HeadroomCacheManager> caches) {
    return registry ->
        caches.forEach(
            manager ->
                manager
                    .getCacheNames()
                    .forEach(
                        name -> {
                          HeadroomCache cache = manager.getCache(name);
                          if (cache != null) {
                            CacheMetrics.of(cache.getNativeCache()).bindTo(registry);
                          }
                        }));
  }

  @Bean
  MeterBinder headroomLimitMeters(
      ObjectProvider<HttpLimits> limits, ObjectProvider<Limiters> limiters) {
    return registry -> {
      limits.forEach(
          all -> all.doors().forEach(door -> RateLimitMetrics.of(door.limiter()).bindTo(registry)));
      limiters.forEach(all -> bindLimiters(all, registry));
    };
  }

  private static void bindLimiters(Limiters limiters, MeterRegistry registry) {
    limiters.inCode().values().forEach(each -> RateLimitMetrics.of(each).bindTo(registry));
    limiters.redis().ifPresent(redis -> RateLimitMetrics.of(redis).bindTo(registry));
  }
}
