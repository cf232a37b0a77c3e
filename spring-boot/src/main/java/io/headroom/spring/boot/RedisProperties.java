package io.headroom.spring.boot;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What caches and limits share. Immutable.
 *
 * @param uri URI of a server or its sentinels; of a cluster, some of its nodes
 * @param cluster whether the Redis is a cluster
 * @param cacheTimeout how long a cache waits for Redis; 100 ms unless set
 * @param limitTimeout how long a limit waits for Redis; 50 ms unless set
 */
record RedisProperties(
    @DefaultValue List<String> uri,
    @DefaultValue("false") boolean cluster,
    @Nullable Duration cacheTimeout,
    @Nullable Duration limitTimeout) {

  /** Leaves the URIs out, which may have passwords. */
  @Override
  public String toString() {
    return "RedisProperties[" + uri.size() + " URIs]";
  }
}
