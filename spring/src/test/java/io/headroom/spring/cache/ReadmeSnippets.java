package io.headroom.spring.cache;

import java.time.Duration;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;

/** What the README shows, compiled. */
@SuppressWarnings("unused") // nothing here is called
abstract class ReadmeSnippets {

  interface Profile {}

  // snippet: spring-cache-manager
  @Bean
  HeadroomCacheManager cacheManager() {
    return HeadroomCacheManager.builder()
        .cache("profiles", cache -> cache.maximumEntries(100_000).ttl(Duration.ofMinutes(1)))
        .build();
  }

  // end snippet

  // snippet: spring-cacheable
  @Cacheable(cacheNames = "profiles", sync = true) // one call per key, however many ask
  abstract Profile find(long id);

  @CacheEvict(cacheNames = "profiles", key = "#id") // whoever asks from now on gets the new name
  abstract void rename(long id, String name);
  // end snippet
}
