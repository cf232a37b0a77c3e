package io.headroom.spring.boot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a cache cannot be both. The library says so as well, but knows no properties. */
final class CacheChecks {

  /** What the library has unless set, which a test holds this to. */
  static final Duration SHARED_TTL = Duration.ofHours(1);

  /** The least that the library takes; what is less it refuses itself. */
  private static final Duration LEAST_TTL = Duration.ofMillis(1);

  private CacheChecks() {}

  /**
   * Checks a cache whose values are each in their range.
   *
   * @param at where its properties stand, with a dot
   */
  static void check(String at, CacheProperties cache) {
    checkTimeouts(at, cache);
    if (cache.shared()) {
      checkSharedTtl(at, cache);
    } else {
      requireShared(at + "type", at, cache.type());
      requireShared(at + "shared-ttl", at, cache.sharedTtl());
      requireShared(at + "schema-version", at, cache.schemaVersion());
      requireShared(at + "maximum-staleness", at, cache.maximumStaleness());
    }
  }

  private static void checkTimeouts(String at, CacheProperties cache) {
    Duration soft = cache.softTimeout();
    if (soft == null) {
      return;
    }
    if (cache.staleFor() == null || cache.staleFor().isZero()) {
      throw Setting.wrong(
          at + "soft-timeout",
          "has no effect without "
              + at
              + "stale-for, which says how long a stale value may be served instead.",
          "Set both, or " + at + "hard-timeout alone.");
    }
    Duration hard = cache.hardTimeout();
    if (hard != null && !hard.isZero() && soft.compareTo(hard) > 0) {
      throw Setting.wrong(
          at + "soft-timeout",
          "is "
              + Setting.written(soft)
              + ", and must not be longer than "
              + at
              + "hard-timeout, "
              + Setting.written(hard)
              + ".",
          "Make it shorter, or the other longer.");
    }
  }

  private static void checkSharedTtl(String at, CacheProperties cache) {
    Duration own = cache.ttl();
    @Nullable Duration said = cache.sharedTtl();
    Duration shared = said == null ? SHARED_TTL : said;
    boolean known = shared.compareTo(LEAST_TTL) >= 0;
    if (known && own != null && own.compareTo(shared) > 0) {
      throw Setting.wrong(
          at + "ttl",
          "is "
              + Setting.written(own)
              + ", and must not be longer than "
              + at
              + "shared-ttl, "
              + Setting.written(shared)
              + (said == null ? " unless set" : "")
              + ": what a process has at hand would outlive what it was read from.",
          "Set " + at + "shared-ttl to as much, or " + at + "ttl to less.");
    }
  }

  private static void requireShared(String property, String at, @Nullable Object value) {
    if (value != null) {
      throw Setting.wrong(
          property,
          "is for caches in Redis, and this one is not shared.",
          "Set " + at + "shared=true, or drop it.");
    }
  }
}
