package io.headroom.spring.boot;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Spans;
import io.headroom.cache.CacheCodec;
import io.headroom.cache.CacheListener;
import io.headroom.cache.JacksonCodec;
import io.headroom.cache.RedisTier;
import io.headroom.spring.cache.HeadroomCacheManager;
import io.headroom.spring.cache.HeadroomCacheManagerBuilder;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * The caches of {@code headroom.caches}, behind Spring's cache annotations. They mind Spring's
 * transactions where spring-tx is there.
 */
@AutoConfiguration(
    after = {
      HeadroomAutoConfiguration.class,
      HeadroomGuardAutoConfiguration.class,
      HeadroomRedisAutoConfiguration.class
    },
    afterName = {
      "org.springframework.boot.autoconfigure.jackson.JacksonAutoConfiguration",
      "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
      "org.springframework.boot.jackson2.autoconfigure.Jackson2AutoConfiguration"
    },
    beforeName = {
      "org.springframework.boot.autoconfigure.cache.CacheAutoConfiguration",
      "org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration"
    })
@Conditional(OnProperties.Caches.class)
@ConditionalOnMissingBean(CacheManager.class)
public final class HeadroomCacheAutoConfiguration {

  /** A bean that is there if the caches are ours. */
  static final String CHECK = "headroomCacheCheck";

  private static final String TRANSACTIONS =
      "org.springframework.transaction.support.TransactionSynchronizationManager";

  HeadroomCacheAutoConfiguration() {}

  @Bean
  HeadroomCacheManager cacheManager(
      HeadroomProperties properties,
      ObjectProvider<RedisTier> redis,
      ObjectProvider<CacheValues> values,
      ObjectProvider<GuardedPools> guard,
      ObjectProvider<Spans> spans,
      ObjectProvider<CacheListener> listeners) {
    CacheSettings settings =
        new CacheSettings(
            redis,
            values,
            guard.getIfAvailable(),
            spans.getIfAvailable(() -> Spans.NONE),
            listeners.orderedStream().toList());
    HeadroomCacheManagerBuilder builder = HeadroomCacheManager.builder();
    properties
        .caches()
        .forEach(
            (name, cache) -> builder.cache(name, tiered -> settings.onto(tiered, name, cache)));
    if (ClassUtils.isPresent(TRANSACTIONS, null)) {
      builder.transactionAware();
    }
    return Setting.check("headroom.caches", builder::build);
  }

  /** Load of a pool that there is not would be low for ever. */
  @Bean(CHECK)
  SmartInitializingSingleton headroomCacheCheck(
      HeadroomProperties properties,
      ObjectProvider<GuardedPools> guard,
      ObjectProvider<Databases> databases,
      ListableBeanFactory beans) {
    return () -> {
      Set<String> pools = new TreeSet<>();
      databases.forEach(known -> pools.addAll(known.pools().keySet()));
      guard.forEach(known -> pools.addAll(known.names()));
      // Where beans are lazy, a pool of the application's own is not there yet.
      pools.addAll(List.of(beans.getBeanNamesForType(HikariDataSource.class, true, false)));
      properties.guard().exclude().forEach(pools::remove); // nobody knows how loaded they are
      properties.caches().forEach((name, cache) -> checkResource(name, cache, pools));
    };
  }

  private static void checkResource(String name, CacheProperties cache, Set<String> pools) {
    String resource = cache.resource();
    if (resource != null && !pools.contains(resource)) {
      throw Setting.wrong(
          "headroom.caches." + name + ".resource",
          "names no pool: " + resource + ".",
          "Name one of " + pools + ", or drop it for all that are read from.");
    }
  }

  /** JSON as the application's Jackson 3 writes it, which Spring Boot 4 has. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(JsonMapper.class)
  static class Jackson3Values {

    private static final int ID = 64;

    private static CacheCodec<?> codec(JsonMapper mapper, JavaType type) {
      return CacheCodec.<Object>of(
          ID,
          value -> mapper.writerFor(type).writeValueAsBytes(value),
          bytes -> mapper.readValue(bytes, type));
    }

    @Bean
    @ConditionalOnBean(JsonMapper.class)
    @ConditionalOnMissingBean(CacheValues.class)
    CacheValues jackson3CacheValues(JsonMapper mapper) {
      return (cache, type) -> codec(mapper, mapper.constructType(type));
    }
  }

  /** JSON as the application's Jackson 2 writes it, which Spring Boot 3 has. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ObjectMapper.class)
  static class Jackson2Values {

    @Bean
    @ConditionalOnBean(ObjectMapper.class)
    @ConditionalOnMissingBean(CacheValues.class)
    CacheValues jackson2CacheValues(ObjectMapper mapper) {
      return (cache, type) -> JacksonCodec.of(mapper, mapper.constructType(type));
    }
  }
}
