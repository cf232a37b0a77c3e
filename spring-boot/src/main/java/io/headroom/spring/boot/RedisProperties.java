package io.headroom.spring.boot;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.Delimiter;

/**
 * What caches and limits share. Immutable.
 *
 * @param uri URI of a server or, as in redis-sentinel://s1,s2,s3#main, its sentinels; of a cluster,
 *     those of some of its nodes
 * @param cluster whether the Redis is a cluster
 * @param cacheTimeout how long a cache waits for Redis; 100 ms unless set
 * @param limitTimeout how long a limit waits for Redis; 50 ms unless set
 * @param processes how many processes share limits, as long as Redis has not said it; 1 unless set
 */
record RedisProperties(
    @Delimiter(Delimiter.NONE) @DefaultValue List<String> uri,
    @DefaultValue("false") boolean cluster,
    @Nullable Duration cacheTimeout,
    @Nullable Duration limitTimeout,
    @Nullable Integer processes) {

  /** A comma may be within a URI, between sentinels, and begins another one before a scheme. */
  private static final Pattern BETWEEN = Pattern.compile(",(?=\\s*redis[a-z-]*://)");

  /** One URI each, also where one text has several. */
  List<String> uris() {
    return uri.stream().flatMap(BETWEEN::splitAsStream).map(String::strip).toList();
  }

  /** Leaves the URIs out, which may have passwords. */
  @Override
  public String toString() {
    return "RedisProperties[" + uri.size() + " URIs]";
  }
}
